import { AreaChart, BarChart } from '@mantine/charts'
import type { Overview, OverviewRange } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import { stepFormat } from '../charts.ts'
import styles from './overview.module.css'

const t = texts.console.overview

export default function ActivityCharts({ overview, range }: { overview: Overview; range: OverviewRange }) {
  const say = stepFormat(overview.stepMs)
  const data = overview.series.map(({ at, ...counts }) => ({ ...counts, at: say(new Date(at)) }))
  const axes = {
    xAxisProps: { minTickGap: 40 },
    yAxisProps: { allowDecimals: false, width: 44 },
    gridAxis: 'x' as const,
  }
  return (
    <>
      <h2 className={styles.heading}>{t.chart}</h2>
      <AreaChart
        key={range}
        h={220}
        data={data}
        dataKey="at"
        curveType="linear"
        withLegend
        withDots={false}
        tickLine="none"
        {...axes}
        areaProps={{ isAnimationActive: false }}
        series={[
          { name: 'inbound', label: t.inbound, color: 'var(--good)' },
          { name: 'outbound', label: t.outbound, color: 'var(--accent)' },
        ]}
      />
      {overview.totals.failed > 0 && (
        <>
          <h2 className={styles.heading}>{t.failedChart}</h2>
          <BarChart
            h={120}
            data={data}
            dataKey="at"
            tickLine="none"
            {...axes}
            barProps={{ isAnimationActive: false }}
            series={[{ name: 'failed', label: t.failed, color: 'var(--bad)' }]}
          />
        </>
      )}
    </>
  )
}
