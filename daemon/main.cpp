// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/places.hpp"
#include "daemon/daemon.hpp"
#include "daemon/supervision.hpp"

#include <csignal>

int main(int argc, char** argv) {
    persiscsi::daemon::forbid_core_dumps();
    std::signal(SIGXFSZ, SIG_IGN);  // beyond a file size limit a write fails, as on a full disk; nobody dies of it
    int exit_code = 0;
    const auto options = persiscsi::daemon::parse_command_line(argc, argv, exit_code);
    if (!options) return exit_code;
    if (options->handover) return persiscsi::daemon::hand_over(persiscsi::control::socket_in(options->runtime_dir));
    return persiscsi::daemon::run_daemon(*options);
}
