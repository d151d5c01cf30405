import { Button } from '@mantine/core'
import { texts } from '../../texts/texts.ts'
import { Notice } from '../../ui/notice.tsx'

export const NotFound = () => (
  <Notice heading={texts.console.notFoundHeading} text={texts.console.notFound}>
    <Button component="a" href="/">
      {texts.console.toOverview}
    </Button>
  </Notice>
)
