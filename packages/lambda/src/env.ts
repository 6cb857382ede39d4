/** X-Ray's header of the running invocation; Lambda's runtime sets it anew for each. */
export const xrayHeader = (): string | undefined => process.env._X_AMZN_TRACE_ID
