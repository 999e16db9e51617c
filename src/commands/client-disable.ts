import { changeClient } from './registry/change-client.ts'
import { type ChangeOptions, type RegistryIo, runChange } from './registry/run.ts'

/** `sluse client disable` and `enable`: the gateways read a registration anew after 5 s at most, tokens or not. */
export async function setDisabled(
  io: RegistryIo,
  id: string,
  disabled: boolean,
  options: ChangeOptions,
): Promise<void> {
  await runChange(io, options, async (registering) => {
    const lines = await changeClient(registering, id, disabled ? 'disabled' : 'enabled', (before) => ({
      ...before,
      disabled,
    }))
    return {
      lines: [
        ...lines,
        disabled
          ? 'it has no access after 5 s at most; its subscriptions are kept'
          : 'it has access after 5 s at most',
      ],
      warnings: [],
    }
  })
}
