// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/places.hpp"
#include "daemon/daemon.hpp"
#include "daemon/supervision.hpp"

int main(int argc, char** argv) {
    persiscsi::daemon::forbid_core_dumps();
    int exit_code = 0;
    const auto options = persiscsi::daemon::parse_command_line(argc, argv, exit_code);
    if (!options) return exit_code;
    if (options->handover) return persiscsi::daemon::hand_over(persiscsi::control::socket_in(options->runtime_dir));
    return persiscsi::daemon::run_daemon(*options);
}
