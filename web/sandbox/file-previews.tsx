import { ActionIcon } from '@mantine/core'
import { useEffect, useState } from 'react'
import { texts } from '../texts/texts.ts'
import { Icon } from '../ui/icons.tsx'
import styles from './file-previews.module.css'

const t = texts.sandbox

export type ChosenFile = { key: string; file: File }

type FilePreviewsProps = { files: ChosenFile[]; remove: (key: string) => void }

export const FilePreviews = ({ files, remove }: FilePreviewsProps) => {
  if (files.length === 0) return null
  return (
    <ul className={styles.previews} aria-label={t.attachedFiles}>
      {files.map(({ key, file }) => (
        <li key={key}>
          <FilePreview file={file} />
          <ActionIcon
            className={styles.remove ?? ''}
            size="sm"
            radius="xl"
            color="dark"
            aria-label={t.removeFile(file.name)}
            onClick={() => remove(key)}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  )
}

/** Shows a file that is still on this device: a picture as such, others by name. */
export const FilePreview = ({ file }: { file: File }) => {
  const [url, setUrl] = useState<string>()
  const isPicture = file.type.startsWith('image/')
  useEffect(() => {
    if (!isPicture) return
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file, isPicture])
  if (isPicture) return url === undefined ? null : <img className={styles.picture} src={url} alt={file.name} />
  return (
    <span className={styles.name}>
      <Icon name="file" size={18} />
      {file.name}
    </span>
  )
}
