import { Badge, Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ChannelCard } from '../../../src/console/contract/channels.ts'
import { texts } from '../../texts/texts.ts'
import { PageTitle } from '../../ui/page-title.tsx'
import { Problem } from '../../ui/problem.tsx'
import { call, generalProblem, may } from '../api.ts'
import { useAccount } from '../frame/use-account.ts'
import styles from './channels.module.css'
import { catalogueQuery, channelsPath } from './queries.ts'

const t = texts.console.channels

/** The catalogue: what can be installed, what is, and what is not offered. */
export const ChannelsPage = () => {
  const account = useAccount()
  const channels = useQuery(catalogueQuery(account.sid))
  return (
    <>
      <PageTitle title={t.title} account={account.name} lead={t.lead} />
      <Problem text={generalProblem(channels.error)} />
      <ul className={styles.cards}>
        {channels.data?.map((channel) => (
          <Channel key={channel.name} channel={channel} />
        ))}
      </ul>
    </>
  )
}

const Channel = ({ channel }: { channel: ChannelCard }) => {
  const { name, offered, installed, senders, troubled } = channel
  const account = useAccount()
  const client = useQueryClient()
  const navigate = useNavigate()
  const title = t.names[name as keyof typeof t.names] ?? name
  const install = useMutation({
    mutationFn: () => call<void>('POST', `${channelsPath(account.sid)}/${name}/install`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['channels', account.sid] })
      await navigate({ to: `/${account.sid}/channels/${name}` as string })
    },
  })
  return (
    <li className={styles.channel} data-offered={offered}>
      <h2>{title}</h2>
      <p>{t.about[name as keyof typeof t.about]}</p>
      <Problem text={generalProblem(install.error)} />
      <div className={styles.foot}>
        {offered ? (
          <>
            <span>
              {installed && <Badge variant="light">{t.installed}</Badge>} {installed && t.instances(senders)}
              {troubled > 0 && ` · ${t.troubled(troubled)}`}
            </span>
            {installed && (
              <Button
                component={Link}
                to={`/${account.sid}/channels/${name}` as string}
                variant="default"
                aria-label={t.openLabel(title)}
              >
                {t.open}
              </Button>
            )}
            {!installed && may(account, 'configure') && (
              <Button onClick={() => install.mutate()} loading={install.isPending} aria-label={t.installLabel(title)}>
                {t.install}
              </Button>
            )}
          </>
        ) : (
          <span className={styles.soft}>{t.notOffered}</span>
        )}
      </div>
    </li>
  )
}
