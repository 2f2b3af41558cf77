/** Where the management API is to listen on the broker's own machine. */
export type ManagementListener = { readonly port: number; readonly ip: string };

/**
 * Switches RabbitMQ's management plugin on in a broker that runs: its start would take seconds from every test that has no
 * use for it.
 */
export async function enableManagement(
  ctl: (...args: string[]) => Promise<string>,
  { port, ip }: ManagementListener,
): Promise<void> {
  await ctl(
    "eval",
    `application:set_env(rabbitmq_management, tcp_config, [{port, ${port}}, {ip, "${ip}"}], [{persistent, true}]),
    {ok, File} = application:get_env(rabbit, enabled_plugins_file),
    ok = file:write_file(File, "[rabbitmq_management].\\n"),
    {ok, _, _} = rabbit_plugins:ensure(File).`,
  );
}
