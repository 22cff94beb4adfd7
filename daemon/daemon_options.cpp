// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon_options.hpp"

#include "daemon/control/places.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace persiscsi::daemon {
namespace {

constexpr int usage_exit = 2;

constexpr const char* footer =
    "Runs in the foreground and logs to standard error; SIGTERM stops it: sessions are logged out, and only\n"
    "registrations come back. SIGUSR1, or --handover, stops it for an upgrade: the next start in the same boot "
    "resumes\n"
    "every session.\n"
    "Environment: PERSISCSI_STATE_DIR, PERSISCSI_RUNTIME_DIR, PERSISCSI_BOOT_ID_FILE (default\n"
    "/proc/sys/kernel/random/boot_id), PERSISCSI_ALLOW_CORE=1 (core dumps, which may hold secrets), NOTIFY_SOCKET.\n"
    "Exit codes: 0 stopped, 1 internal or damaged table, 2 usage, 6 permission or read-only, 7 another daemon runs,\n"
    "8 no daemon to hand over, 11 the daemon did not stop in time.";

}  // namespace

std::optional<daemon_options> parse_command_line(int argc, const char* const* argv, int& exit_code) {
    daemon_options options;
    options.state_dir = control::default_state_dir();
    options.runtime_dir = control::default_runtime_dir();
    CLI::App app("persiscsid keeps iSCSI sessions logged in and serves the control API.", "persiscsid");
    app.set_version_flag("--version", std::string("persiscsid ") + PERSISCSI_VERSION);
    app.add_option("--state-dir", options.state_dir, "Where the session table lives")
        ->capture_default_str()
        ->take_last();
    app.add_option("--runtime-dir", options.runtime_dir, "Where the socket of the control API lives")
        ->capture_default_str()
        ->take_last();
    app.add_option("--initiator-name",
                   options.initiator_name,
                   "iSCSI name of this host (default: made up once, kept in the state directory)");
    app.add_option("--socket-group", options.socket_group, "Group whose members may use the control API (operators)");
    app.add_option(
        "--readers-group", options.readers_group, "Group whose members may look: lists, state and metrics, no change");
    app.add_option("--audit-log",
                   options.audit_log,
                   "File of who changed what, JSON Lines, rotated at 10 MiB (default: audit.log in the state "
                   "directory)");
    app.add_flag("--verbose", options.verbose, "Log more");
    app.add_flag("--debug", options.debug, "Log everything (never secrets)");
    app.add_flag("--handover", options.handover, "Stop the running daemon for an upgrade; its sessions are resumed");
    app.footer(footer);
    try {
        app.parse(argc, argv);
        return options;
    } catch (const CLI::Success& answered) {
        exit_code = app.exit(answered);
    } catch (const CLI::ParseError& wrong) {
        std::cerr << "persiscsid: " << wrong.what() << "\n";
        exit_code = usage_exit;
    }
    return std::nullopt;
}

}  // namespace persiscsi::daemon
