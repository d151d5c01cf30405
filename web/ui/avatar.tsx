import { useState } from 'react'
import styles from './avatar.module.css'
import { hueOf, initialsOf } from './initials.ts'

type AvatarProps = {
  name: string
  /** People are round, Pages are squares with soft corners. */
  kind: 'person' | 'page'
  pictureUrl?: string | null
  size?: number
}

/** Decoration: the name always stands beside it, so it is hidden from assistive technology. */
export const Avatar = ({ name, kind, pictureUrl = null, size = 40 }: AvatarProps) => {
  const [failedUrl, setFailedUrl] = useState<string | null>(null)
  const style = { width: size, height: size, fontSize: size * 0.38, backgroundColor: `oklch(0.5 0.11 ${hueOf(name)})` }
  return (
    <span className={styles.avatar} data-kind={kind} style={style} aria-hidden="true">
      {pictureUrl !== null && pictureUrl !== failedUrl ? (
        <img src={pictureUrl} alt="" onError={() => setFailedUrl(pictureUrl)} />
      ) : (
        initialsOf(name)
      )}
    </span>
  )
}
