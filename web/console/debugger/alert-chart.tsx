import { BarChart } from '@mantine/charts'
import type { AlertGroups } from '../../../src/console/contract/alerts.ts'
import { texts } from '../../texts/texts.ts'
import { stepFormat } from '../charts.ts'

const t = texts.console.debugger
/** More colours than these are not told apart. */
const COLORS = ['var(--accent)', 'var(--bad)', 'orange.6', 'var(--good)', 'grape.5']
const OTHERS = 'others'

export default function AlertChart({ groups: { from, stepMs, groups, series } }: { groups: AlertGroups }) {
  const codes = [...new Set(groups.map(({ code }) => code))]
  const shown = codes.slice(0, COLORS.length)
  const byTime = new Map(series.map(({ at, codes: counts }) => [Date.parse(at), counts]))
  const say = stepFormat(stepMs)
  const data: Record<string, string | number>[] = []
  // The steps of the answer are whole ones of the epoch.
  for (let atMs = Math.floor(Date.parse(from) / stepMs) * stepMs; atMs <= Date.now(); atMs += stepMs) {
    const counts = byTime.get(atMs) ?? {}
    const others = codes.slice(COLORS.length).reduce((sum, code) => sum + (counts[code] ?? 0), 0)
    data.push({
      at: say(new Date(atMs)),
      ...Object.fromEntries(shown.map((code) => [code, counts[code] ?? 0])),
      ...(codes.length > COLORS.length && { [OTHERS]: others }),
    })
  }
  return (
    <BarChart
      h={180}
      data={data}
      dataKey="at"
      type="stacked"
      withLegend
      gridAxis="x"
      tickLine="none"
      xAxisProps={{ minTickGap: 40 }}
      yAxisProps={{ allowDecimals: false, width: 44 }}
      barProps={{ isAnimationActive: false }}
      series={[
        ...shown.map((code, index) => ({ name: String(code), color: COLORS[index]! })),
        ...(codes.length > COLORS.length ? [{ name: OTHERS, label: t.others, color: 'gray.6' }] : []),
      ]}
    />
  )
}
