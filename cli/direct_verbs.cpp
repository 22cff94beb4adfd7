// SPDX-License-Identifier: Apache-2.0
// discover, luns, inquiry, capacity, ready, flush, unmap.
#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/direct_loop.hpp"
#include "cli/invocation.hpp"
#include "cli/login_choice.hpp"
#include "cli/options.hpp"
#include "cli/text_table.hpp"
#include "cli/unit_access.hpp"
#include "cli/unit_range.hpp"
#include "cli/verbs.hpp"
#include "initiator/discovery.hpp"
#include "initiator/isns_discovery.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/array.hpp>

#include <csignal>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

json::object json_of(const std::vector<discovered_target>& found) {
    json::array targets;
    for (const auto& target : found) {
        json::array portals;
        for (const auto& portal : target.portals)
            portals.push_back(json::object{{"address", persiscsi::to_string(portal.address)},
                                           {"portal_group_tag", portal.portal_group_tag}});
        targets.push_back(json::object{{"target", target.name}, {"portals", std::move(portals)}});
    }
    return {{"targets", std::move(targets)}};
}

text_table table_of(const std::vector<discovered_target>& found) {
    text_table table({"TARGET", "PORTAL", "GROUP TAG"});
    for (const auto& target : found) {
        if (target.portals.empty()) table.add({target.name, "-", "-"});
        for (const auto& portal : target.portals)
            table.add({target.name, persiscsi::to_string(portal.address), std::to_string(portal.portal_group_tag)});
    }
    return table;
}

/// What an iSNS server needs to know of us. Nobody logs in there.
isns_options isns_options_of(const invocation& line, const session_options& own, const std::string& server) {
    for (const auto& row : login_options_table)
        if (line.given(row.name) && row.name != "--initiator-name" && row.name != "--interface")
            throw usage_error(std::string(row.name) + " does not go with --isns: nobody logs in");
    isns_options options;
    const auto named = parse_portal(server, 0);  // 0: no port is named
    const auto port = named && named->port != 0 ? named->port : options.server.port;
    options.server = {parse_address(server).host, port};
    options.initiator_name = own.login.initiator_name;
    options.local_address = own.local_address;
    return options;
}

/// Asks by `start(loop, story, completion handler)` and shows what was found.
template <class Start>
exit_code show_discovered(invocation& line, console& out, const portal& asked, Start start) {
    direct_loop loop(line, out, persiscsi::to_string(asked));
    const auto ended = loop.wait<std::vector<discovered_target>>(
        "discovery", [&](auto& story, auto then) { start(loop, story, std::move(then)); });
    if (ended->error)
        throw command_error(exit_code_of_login(ended->error),
                            loop.object(),
                            ended->story.empty() ? ended->error.message() : ended->story);
    out.show(json_of(ended->result), table_of(ended->result));
    return exit_code::ok;
}

/// A server that does not answer at the end keeps nobody waiting.
constexpr std::chrono::seconds leave_patience{2};

/// Until SIGINT or SIGTERM; then, and when the time is up, the registration is taken back.
exit_code watch_by_isns(invocation& line, console& out, const isns_options& options) {
    boost::asio::cancellation_signal stop;
    direct_loop loop(line, out, persiscsi::to_string(options.server));
    boost::asio::signal_set signals(loop.executor(), SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) stop.emit(boost::asio::cancellation_type::terminal);
    });
    const auto tell = [&](const std::vector<discovered_target>& found) {
        out.show(json_of(found), table_of(found));
        out.flush();
    };
    const auto ended = loop.begin([&](auto& story, auto then) {
        async_watch_isns(
            loop.executor(), options, story, tell, boost::asio::bind_cancellation_slot(stop.slot(), std::move(then)));
    });
    const auto is_done = [&] { return ended->done; };
    try {
        loop.run_until(is_done, "watch");
    } catch (const command_error&) {
        stop.emit(boost::asio::cancellation_type::terminal);
        loop.run_for(is_done, leave_patience);
        throw;
    }
    if (ended->error) throw command_error(exit_code_of_login(ended->error), loop.object(), ended->story);
    return exit_code::ok;
}

exit_code discover_by_isns(invocation& line, console& out, const std::string& server) {
    if (!line.operands.empty()) throw usage_error("either an address or --isns, not both");
    const auto asked = parse_address(server);
    const auto options = isns_options_of(line, session_options_of(login_choice_of(line, ""), line, asked), server);
    if (line.given("--watch")) return watch_by_isns(line, out, options);
    return show_discovered(line, out, options.server, [&](auto& loop, auto& story, auto then) {
        async_discover_by_isns(loop.executor(), options, story, std::move(then));
    });
}

}  // namespace

exit_code discover(invocation& line, console& out) {
    if (const auto server = line.text("--isns")) return discover_by_isns(line, out, *server);
    if (line.given("--watch")) throw usage_error("--watch needs --isns");
    if (line.operands.empty()) throw usage_error("an address is missing, or --isns");
    const auto address = parse_address(line.operands.front());
    const auto choice = login_choice_of(line, "");
    const auto options = session_options_of(choice, line, address);
    warn_of(choice, out);
    return show_discovered(line, out, address, [&](auto& loop, auto& story, auto then) {
        async_discover(loop.executor(), options, story, std::move(then));
    });
}

exit_code luns(invocation& line, console& out) {
    const auto unit = open_unit(line, out);
    const auto answer = unit->luns();
    unit->close();
    text_table table({"LUN", "SIZE", "BLOCK SIZE", "VENDOR", "PRODUCT"});
    if (const auto* list = answer.if_contains("luns"); list != nullptr && list->is_array())
        for (const auto& value : list->get_array()) {
            const auto* item = value.if_object();
            if (item == nullptr) continue;
            table.add({cell_of(*item, "lun"),
                       cell_of(*item, "size"),
                       cell_of(*item, "block_size"),
                       cell_of(*item, "vendor"),
                       cell_of(*item, "product")});
        }
    out.show(answer, table);
    return exit_code::ok;
}

exit_code inquiry(invocation& line, console& out) {
    const auto unit = open_unit(line, out);
    const auto answer = unit->inquiry();
    // INQUIRY succeeds even where there is nothing (SPC, PERIPHERAL QUALIFIER 011b).
    if (cell_of(answer, "peripheral_qualifier") == "3")
        throw command_error(exit_code::io_error, unit->name(), "no logical unit of that number");
    unit->close();
    out.show(answer, name_value_lines(answer));
    return exit_code::ok;
}

exit_code capacity(invocation& line, console& out) {
    const auto unit = open_unit(line, out);
    const auto answer = unit->capacity();
    unit->close();
    out.show(answer, name_value_lines(answer));
    return exit_code::ok;
}

exit_code ready(invocation& line, console& out) {
    const auto unit = open_unit(line, out);
    unit->test_ready();
    unit->close();
    out.report(json::object{{"ready", true}}, std::string("ready\n"));
    return exit_code::ok;
}

exit_code flush(invocation& line, console& out) {
    const auto unit = open_unit(line, out);
    unit->flush();
    unit->close();
    out.report(json::object{{"flushed", true}}, std::string("flushed\n"));
    return exit_code::ok;
}

exit_code unmap(invocation& line, console& out) {
    require_lun(line);
    const auto lba = *line.number("--lba", 0, ~std::uint64_t{0});
    const auto blocks = static_cast<std::uint32_t>(*line.number("--blocks", 1, 0xffffffffU));
    const auto unit = open_unit(line, out);
    const auto size = geometry_of(*unit);
    check_range(*unit, size, lba, blocks);
    const bool dry = line.given("--dry-run");
    if (!dry) unit->unmap(lba, blocks);
    unit->close();
    out.report(json::object{{"lba", lba}, {"blocks", blocks}, {"dry_run", dry}},
               std::string(dry ? "would unmap " : "unmapped ") + std::to_string(blocks) + " blocks from block " +
                   std::to_string(lba) + "\n");
    return exit_code::ok;
}

}  // namespace persiscsi::cli
