/**
 * Starts something that listens on `port`. Throws one error that names port and option when the port is taken; 0 means any
 * free one and cannot be.
 */
export const claimPort = async <Started>(
  option: string,
  port: number,
  start: (port: number) => Promise<Started>,
): Promise<Started> => {
  try {
    return await start(port)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(
        `Port ${port} is in use. Stop what listens there, or choose another with ports.${option}.`,
        {
          cause: error,
        },
      )
    }
    throw error
  }
}
