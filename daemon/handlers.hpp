// SPDX-License-Identifier: Apache-2.0
// The handlers of the control API, one for each row of routes().
#pragma once

#include "daemon/routes.hpp"

namespace persiscsi::daemon {

awaitable<api_reply> get_version(service& in, api_request& request);
awaitable<api_reply> get_openapi(service& in, api_request& request);
awaitable<api_reply> get_status(service& in, api_request& request);
awaitable<api_reply> get_metrics(service& in, api_request& request);

awaitable<api_reply> get_boot_preview(service& in, api_request& request);

awaitable<api_reply> list_sessions(service& in, api_request& request);
awaitable<api_reply> show_session(service& in, api_request& request);
awaitable<api_reply> connect_sessions(service& in, api_request& request);
awaitable<api_reply> disconnect_sessions(service& in, api_request& request);
awaitable<api_reply> wait_for_sessions(service& in, api_request& request);
awaitable<api_reply> list_connections(service& in, api_request& request);

awaitable<api_reply> post_register(service& in, api_request& request);
awaitable<api_reply> post_unregister(service& in, api_request& request);
awaitable<api_reply> list_registrations(service& in, api_request& request);
awaitable<api_reply> show_registration(service& in, api_request& request);

awaitable<api_reply> list_portals(service& in, api_request& request);
awaitable<api_reply> add_portal(service& in, api_request& request);
awaitable<api_reply> refresh_portals(service& in, api_request& request);
awaitable<api_reply> remove_portals(service& in, api_request& request);
awaitable<api_reply> list_targets(service& in, api_request& request);
awaitable<api_reply> refresh_targets(service& in, api_request& request);

awaitable<api_reply> get_secrets(service& in, api_request& request);
awaitable<api_reply> put_one_secret(service& in, api_request& request);
awaitable<api_reply> delete_secrets(service& in, api_request& request);

awaitable<api_reply> list_jobs(service& in, api_request& request);
awaitable<api_reply> show_job(service& in, api_request& request);
awaitable<api_reply> wait_for_job(service& in, api_request& request);
awaitable<api_reply> cancel_job(service& in, api_request& request);
awaitable<api_reply> get_table(service& in, api_request& request);
awaitable<api_reply> import_into_table(service& in, api_request& request);
awaitable<api_reply> renew_key(service& in, api_request& request);

awaitable<api_reply> list_units(service& in, api_request& request);
awaitable<api_reply> get_inquiry(service& in, api_request& request);
awaitable<api_reply> get_capacity(service& in, api_request& request);
awaitable<api_reply> get_ready(service& in, api_request& request);
awaitable<api_reply> read_blocks(service& in, api_request& request);
awaitable<api_reply> write_blocks(service& in, api_request& request);
awaitable<api_reply> flush_unit(service& in, api_request& request);

}  // namespace persiscsi::daemon
