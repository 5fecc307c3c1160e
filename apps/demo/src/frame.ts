import type { ConnectionBannerStrings } from '@app/react'
import { createContext, useContext } from 'react'
import type { Page } from './page.ts'

/** What the frame around each page says. */
export interface FrameWords {
  readonly pages: Readonly<Record<Page, string>>
  readonly tour: string
  readonly skip: string
  readonly room: string
  readonly status: Readonly<Record<'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed' | 'refused', string>>
  readonly invite: string
  readonly invited: string
  readonly address: string
  readonly guest: string
  /** After a name. */
  readonly came: string
  readonly went: string
  /** Where they are not the kit's own. */
  readonly banner?: ConnectionBannerStrings
  readonly visitors: string
  readonly addVisitors: (count: number) => string
  readonly removeVisitors: string
  readonly simulated: (count: number) => string
  readonly meter: string
  readonly commits: string
  readonly messages: string
  readonly bytes: string
  readonly meterHint: string
}

const english: FrameWords = {
  pages: { room: 'Room', board: 'Board', chat: 'Chat', form: 'Form', documents: 'Documents', rtl: 'العربية' },
  tour: 'The tour',
  skip: 'Skip to the page',
  room: 'room',
  status: {
    idle: 'Not connected',
    connecting: 'Connecting…',
    connected: 'Connected',
    reconnecting: 'Reconnecting…',
    closed: 'Closed',
    refused: 'Refused',
  },
  invite: 'Copy invite link',
  invited: 'Link copied',
  address: 'Address of this room',
  guest: 'A guest',
  came: 'is here',
  went: 'has gone',
  visitors: 'Simulated visitors',
  addVisitors: (count) => `Add ${count}`,
  removeVisitors: 'Remove all',
  simulated: (count) => (count === 0 ? 'none' : String(count)),
  meter: 'This tab, per second',
  commits: 'React commits',
  messages: 'Messages',
  bytes: 'Bytes',
  meterHint: 'Cursors move past React: a hundred of them are no commit. Commits are those of the whole page.',
}

const arabic: FrameWords = {
  pages: {
    ...english.pages,
    room: 'الغرفة',
    board: 'اللوحة',
    chat: 'المحادثة',
    form: 'النموذج',
    documents: 'المستندات',
  },
  tour: 'الجولة',
  skip: 'انتقل إلى الصفحة',
  room: 'غرفة',
  status: {
    idle: 'غير متصل',
    connecting: 'جارٍ الاتصال…',
    connected: 'متصل',
    reconnecting: 'جارٍ إعادة الاتصال…',
    closed: 'مغلق',
    refused: 'مرفوض',
  },
  invite: 'انسخ رابط الدعوة',
  invited: 'نُسخ الرابط',
  address: 'عنوان هذه الغرفة',
  guest: 'ضيف',
  came: 'هنا الآن',
  went: 'لم يعد هنا',
  banner: {
    connecting: 'جارٍ الاتصال…',
    reconnecting: 'انقطع الاتصال. قد يكون ما تراه قديمًا.',
    refused: (error) => `غير متصل. ${error?.message ?? ''}`,
    retry: (seconds) => (seconds > 0 ? `محاولة جديدة بعد ${seconds} ث.` : 'محاولة جديدة الآن…'),
    tryNow: 'حاول الآن',
  },
  visitors: 'زوار تجريبيون',
  addVisitors: (count) => `أضف ${count}`,
  removeVisitors: 'أزل الجميع',
  simulated: (count) => (count === 0 ? 'لا أحد' : String(count)),
  meter: 'هذه النافذة في الثانية',
  commits: 'تحديثات React',
  messages: 'رسائل',
  bytes: 'بايت',
  meterHint: 'تتحرك المؤشرات من دون React: مئة منها لا تكلف تحديثًا واحدًا. تُحسب تحديثات الصفحة كلها.',
}

/** How a page of the tour is written. */
export function languageOf(page: Page): { lang: string; dir: 'ltr' | 'rtl'; words: FrameWords } {
  return page === 'rtl' ? { lang: 'ar', dir: 'rtl', words: arabic } : { lang: 'en', dir: 'ltr', words: english }
}

export const FrameContext = createContext<FrameWords>(english)

export function useFrameWords(): FrameWords {
  return useContext(FrameContext)
}
