// SPDX-License-Identifier: Apache-2.0
#include "cli/command_error.hpp"
#include "cli/url.hpp"
#include "daemon/names.hpp"
#include "initiator/login/iscsi_name.hpp"
#include "initiator/login/login_options.hpp"
#include "initiator/scsi/lun.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {

void names(input from) {
    const auto text = from.text();
    if (const auto portal = parse_portal(text)) {
        must(portal->port != 0 && !portal->host.empty(), "a portal has a host and a port");
        must(parse_portal(to_string(*portal)) == portal, "a portal parses back");
    }
    if (const auto address = parse_target_address(text))
        must(parse_portal(to_string(address->at)) == address->at, "a target address parses back");
    if (const auto portal = daemon::parse_portal_address(text))
        must(daemon::parse_portal_address(daemon::to_string(*portal)) == portal, "a portal address parses back");
    const auto fault = iscsi_name_fault(text);
    must(printable(fault) && fault.size() < 200, "what is wrong with a name fits a line");
    must(!fault.empty() || text.size() <= max_iscsi_name, "a name keeps to 223 bytes");
    must(!daemon::is_iscsi_name(text) || text.size() <= max_iscsi_name, "a name keeps to 223 bytes");
    must(!daemon::is_secret_name(text) || printable(text), "a secret's name can be shown");
    if (const auto lun = scsi::parse_lun(text))
        must(scsi::parse_lun(scsi::format_lun(*lun)) == lun, "a LUN comes back");
    if (const auto id = persistence::parse_session_id(text))
        must(persistence::parse_session_id(persistence::to_string(*id)) == id, "a session id comes back");
    if (const auto id = persistence::parse_registration_id(text))
        must(persistence::to_string(*id) == text, "a registration id is exactly what it prints as");
}

void urls(input from) {
    const auto text = from.text();
    const auto before_host = text.substr(0, text.rfind('@') + 1);  // a place where people put secrets
    try {
        const auto url = cli::parse_target_url(text);
        must(iscsi_name_fault(url.target).empty(), "a URL names a target");
        must(!url.lun || *url.lun <= cli::highest_lun, "a LUN keeps to 14 bits");
        auto back = url;
        back.user.clear();
        must(cli::parse_target_url(cli::to_string(url)) == back, "a URL comes back without its user");
    } catch (const cli::command_error& refused) {
        const std::string why = refused.what();
        must(before_host.size() < 8 || why.find(before_host) == std::string::npos, "nothing before the host is shown");
    }
    try {
        (void)cli::to_string(cli::parse_place(text));
        (void)to_string(cli::parse_address(text));
    } catch (const cli::command_error&) {  // refusing is right; only not crashing is asked for here
    }
}

}  // namespace persiscsi::fuzz
