// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/exit_code.hpp"

namespace persiscsi::cli {

class invocation;
class console;

// One function per command. Each prints its result and returns how it ended, or throws command_error (or
// control::control_error, where there was no answer of the daemon).

// direct: they log in by themselves, or use a live session of the daemon through `session:ID[/LUN]`
exit_code discover(invocation& line, console& out);
exit_code luns(invocation& line, console& out);
exit_code inquiry(invocation& line, console& out);
exit_code capacity(invocation& line, console& out);
exit_code ready(invocation& line, console& out);
exit_code read_blocks(invocation& line, console& out);
exit_code write_blocks(invocation& line, console& out);
exit_code flush(invocation& line, console& out);
exit_code unmap(invocation& line, console& out);
exit_code pass_through(invocation& line, console& out);

// of the daemon
exit_code portal_add(invocation& line, console& out);
exit_code portal_list(invocation& line, console& out);
exit_code portal_refresh(invocation& line, console& out);
exit_code portal_remove(invocation& line, console& out);
exit_code target_list(invocation& line, console& out);
exit_code target_refresh(invocation& line, console& out);
exit_code target_connect(invocation& line, console& out);
exit_code target_disconnect(invocation& line, console& out);
exit_code session_list(invocation& line, console& out);
exit_code session_show(invocation& line, console& out);
exit_code session_wait(invocation& line, console& out);
exit_code session_register(invocation& line, console& out);
exit_code session_unregister(invocation& line, console& out);
exit_code registration_list(invocation& line, console& out);
exit_code registration_show(invocation& line, console& out);
exit_code registration_remove(invocation& line, console& out);
exit_code connection_list(invocation& line, console& out);
exit_code boot_preview(invocation& line, console& out);
exit_code chap_set(invocation& line, console& out);
exit_code secret_set(invocation& line, console& out);
exit_code secret_list(invocation& line, console& out);
exit_code secret_remove(invocation& line, console& out);
exit_code job_list(invocation& line, console& out);
exit_code job_show(invocation& line, console& out);
exit_code job_wait(invocation& line, console& out);
exit_code job_cancel(invocation& line, console& out);
exit_code table_export(invocation& line, console& out);
exit_code table_import(invocation& line, console& out);
exit_code table_rekey(invocation& line, console& out);
exit_code doctor(invocation& line, console& out);
exit_code status(invocation& line, console& out);
exit_code version(invocation& line, console& out);

// printed from the table of commands
exit_code completion(invocation& line, console& out);
exit_code man(invocation& line, console& out);

}  // namespace persiscsi::cli
