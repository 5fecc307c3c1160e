/** The fields of the form; their names are what presence and typing say of them. */
export const formFields = [
  { name: 'title', label: 'What it is about', kind: 'text', hint: 'A walk through the archive' },
  { name: 'host', label: 'Who opens the door', kind: 'text', hint: 'A name' },
  { name: 'day', label: 'Day', kind: 'choice', choices: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] },
  { name: 'place', label: 'Where', kind: 'choice', choices: ['Studio', 'Workshop', 'Garden', 'On the telephone'] },
  { name: 'notes', label: 'What to bring', kind: 'long', hint: 'Shoes that may get dirty' },
] as const

export type FormField = (typeof formFields)[number]
