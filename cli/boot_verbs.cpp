// SPDX-License-Identifier: Apache-2.0
// boot preview.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace persiscsi::cli {

exit_code boot_preview(invocation& line, console& out) {
    const auto answer = daemon_link(line, out).get("/v1/boot/preview");
    text_table table({"ID", "TARGET", "PORTAL", "LOGS IN", "REASON"});
    for (const auto& item : list_in(answer, "boot")) {
        const auto& one = item.as_object();
        const auto message = text_in(one, "message");
        table.add({cell_of(one, "id"),
                   cell_of(one, "target"),
                   cell_of(one, "portal"),
                   cell_of(one, "will_log_in"),
                   cell_of(one, "reason") + (message.empty() ? "" : ": " + message)});
    }
    out.show(answer, table);
    return exit_code::ok;
}

}  // namespace persiscsi::cli
