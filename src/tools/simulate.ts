/** To be simulated. */
export async function simulate(): Promise<void> {}
