/** Which account this browser looked at last: where `/` leads. */
const KEY = 'pagewire-account'

export const rememberAccount = (sid: string): void => {
  try {
    localStorage.setItem(KEY, sid)
  } catch {
    // A browser that keeps nothing begins with the main account.
  }
}

export const lastAccount = (): string | null => {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
