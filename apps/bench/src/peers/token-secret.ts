/** Known to the generator, which makes tokens, and to the server, which checks them. */
export const tokenSecret = 'a secret of the bench, for runs on this machine only'
