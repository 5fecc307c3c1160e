/** The documents of the list. */
export const documents = [
  {
    id: 'brief',
    title: 'Brief for the spring show',
    kind: 'Brief',
    text: [
      'The spring show opens on the first Saturday of May, in the two rooms on the ground floor. It has one question: what does a place look like when everyone can see who is in it?',
      'We want twelve works, no more. Each has a wall of its own, and a card of at most forty words.',
    ],
  },
  {
    id: 'budget',
    title: 'Budget, second draft',
    kind: 'Table',
    text: [
      'Frames take a third of it, the printer a quarter. What is left is for lamps, which we have always bought too late.',
      'The numbers of the first draft were those of last year. These are asked for, and hold until the end of March.',
    ],
  },
  {
    id: 'cards',
    title: 'Texts for the wall cards',
    kind: 'Texts',
    text: [
      'Tide, No. 1. Three waves and a sun that cannot decide. Printed by hand in five colours.',
      'Orchard, No. 2. A garden from above, or twelve lamps in a dark hall: both were seen by those who were asked.',
    ],
  },
  {
    id: 'guests',
    title: 'Who is asked to the opening',
    kind: 'List',
    text: [
      'Neighbours first, then those who lent us something, then everyone else in the order in which they wrote.',
      'Whoever brings a child gets a chair at the front.',
    ],
  },
  {
    id: 'minutes',
    title: 'Minutes of last Tuesday',
    kind: 'Notes',
    text: [
      'Present were seven, two of them by telephone. The lamps were talked of for an hour.',
      'It was agreed that the next meeting has an end, and that somebody says when it has come.',
    ],
  },
] as const

export type Paper = (typeof documents)[number]

/** The room of one document: who is in it reads it. */
export function roomOfDocument(id: string, roomKey: string): string {
  return `${roomKey}/documents/${id}`
}
