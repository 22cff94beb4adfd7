// SPDX-License-Identifier: Apache-2.0
#include "tests/target/fault_names.hpp"

#include <charconv>
#include <span>
#include <stdexcept>

namespace persiscsi::target {
namespace {

/// One step being read; every complaint names the line.
class step_parser {
  public:
    step_parser(std::string_view text, std::size_t line) : text_(text), line_(line) {}

    fault_step parse() {
        const auto colon = text_.find(':');
        if (colon == std::string_view::npos) complain("a step reads 'TRIGGER: ACTION'");
        const auto [action_name, action_arguments] = call(text_.substr(colon + 1));
        auto what = action(action_name, action_arguments);
        auto when = read_trigger(text_.substr(0, colon), what);
        if (when.what == watched::millisecond)
            check_by_clock(when, what);
        else
            check_direction(when, what);
        return {when, std::move(what)};
    }

  private:
    struct called {
        std::string_view name;
        std::vector<std::string_view> arguments;
    };

    [[noreturn]] void complain(const std::string& reason) const {
        throw std::invalid_argument("fault script, line " + std::to_string(line_) + ": " + reason);
    }

    static std::string_view trimmed(std::string_view text) {
        const auto first = text.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) return {};
        return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
    }

    /// "name(a,b)" or "name".
    called call(std::string_view text) const {
        text = trimmed(text);
        const auto open = text.find('(');
        if (open == std::string_view::npos) return {text, {}};
        if (text.back() != ')') complain("')' missing after '" + std::string(text) + "'");
        called result{trimmed(text.substr(0, open)), {}};
        auto rest = text.substr(open + 1, text.size() - open - 2);
        for (;;) {
            const auto comma = rest.find(',');
            result.arguments.push_back(trimmed(rest.substr(0, comma)));
            if (comma == std::string_view::npos) return result;
            rest.remove_prefix(comma + 1);
        }
    }

    std::uint32_t number(std::string_view text, std::uint32_t min, std::uint32_t max, int base = 10) const {
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
        if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max)
            complain("'" + std::string(text) + "' is not a number from " + std::to_string(min) + " to " +
                     std::to_string(max));
        return value;
    }
    std::uint8_t hex_byte(std::string_view text) const { return static_cast<std::uint8_t>(number(text, 0, 255, 16)); }
    std::chrono::milliseconds time(std::string_view text) const {
        return std::chrono::milliseconds(number(text, 0, 3'600'000));
    }

    void expect_arguments(std::string_view name, std::span<const std::string_view> got, std::size_t wanted) const {
        if (got.size() != wanted)
            complain("'" + std::string(name) + "' takes " + std::to_string(wanted) + " arguments, got " +
                     std::to_string(got.size()));
    }

    template <class Value, std::size_t N>
    Value lookup(const named<Value> (&rows)[N], std::string_view name, std::string_view kind) const {
        if (const auto* found = find(rows, name)) return *found;
        complain("unknown " + std::string(kind) + " '" + std::string(name) + "'");
    }

    /// What `always` and `every(n)` watch where no PDU is named.
    static watched natural_watch(const fault_action& what) {
        if (std::holds_alternative<fault::flip_bit>(what) || needs_sent(what)) return watched::sent;
        if (std::holds_alternative<fault::status>(what)) return watched::scsi_command;
        if (std::holds_alternative<fault::short_data>(what)) return watched::data_in;
        if (std::holds_alternative<fault::tmf_response>(what)) return watched::task_management_request;
        if (std::holds_alternative<fault::endless_text>(what)) return watched::text_request;
        return watched::received;
    }

    trigger read_trigger(std::string_view text, const fault_action& what) const {
        text = trimmed(text);
        const auto at = text.find(" at ");
        const auto [word, arguments] = call(text.substr(0, at));
        auto when = read_count(word, arguments, what);
        if (at == std::string_view::npos) return when;
        const auto [place, of] = call(text.substr(at + 4));
        if (place != "cid" || of.size() != 1) complain("a connection reads 'at cid(n)'");
        when.cid = static_cast<std::uint16_t>(number(of[0], 1, 0xffff));
        return when;
    }

    trigger read_count(std::string_view word,
                       const std::vector<std::string_view>& arguments,
                       const fault_action& what) const {
        if (word == "always") {
            expect_arguments(word, arguments, 0);
            return {trigger::kind::always, natural_watch(what), 1};
        }
        if (word == "every") {
            expect_arguments(word, arguments, 1);
            return {trigger::kind::every, natural_watch(what), number(arguments[0], 1, UINT32_MAX)};
        }
        const auto space = word.find(' ');
        const auto kind = word.substr(0, space);
        if (space == std::string_view::npos || (kind != "on" && kind != "every"))
            complain("unknown trigger '" + std::string(word) +
                     "'; there are: on PDU(n), every PDU(n), every(n), always");
        if (arguments.size() > 1) complain("a PDU takes one number");
        return {kind == "on" ? trigger::kind::on : trigger::kind::every,
                lookup(watched_names, trimmed(word.substr(space)), "PDU"),
                arguments.empty() ? 1 : number(arguments[0], 1, UINT32_MAX)};
    }

    fault_action action(std::string_view name, const std::vector<std::string_view>& a) const {
        const auto one = [&] {
            expect_arguments(name, a, 1);
            return a[0];
        };
        if (name == "drop_connection") return expect_arguments(name, a, 0), fault::drop_connection{};
        if (name == "reset") return expect_arguments(name, a, 0), fault::reset{};
        if (name == "cut") return expect_arguments(name, a, 0), fault::cut{};
        if (name == "duplicate") return expect_arguments(name, a, 0), fault::duplicate{};
        if (name == "later") return expect_arguments(name, a, 0), fault::later{};
        if (name == "ignore") return expect_arguments(name, a, 0), fault::ignore{};
        if (name == "flip_bit") return fault::flip_bit{lookup(place_names, one(), "place")};
        if (name == "delay") return fault::delay{time(one())};
        if (name == "close_listener") return fault::close_listener{time(one())};
        if (name == "status") return status(a);
        if (name == "async") return async(a);
        if (name == "tmf_response") return fault::tmf_response{static_cast<std::uint8_t>(number(one(), 0, 255))};
        if (name == "endless_text") return expect_arguments(name, a, 0), fault::endless_text{};
        if (name == "trickle") return fault::trickle{time(one())};
        if (name == "flood") {
            expect_arguments(name, a, 2);
            return fault::flood{lookup(flood_names, a[0], "PDU of a flood"), number(a[1], 1, 10'000'000)};
        }
        if (name == "reject") return fault::reject{static_cast<std::uint8_t>(number(one(), 0, 255))};
        if (name == "wrong_field") return fault::wrong_field{lookup(field_names, one(), "field")};
        if (name == "short_data") return fault::short_data{number(one(), 1, 0xffffff)};
        if (name == "freeze") {
            if (one() != "max_cmd_sn") complain("only max_cmd_sn can be frozen");
            return fault::freeze{};
        }
        complain("unknown action '" + std::string(name) + "'");
    }

    fault_action async(const std::vector<std::string_view>& a) const {
        if (a.size() != 1 && a.size() != 4 && a.size() != 5)
            complain("async takes an event, or that and three parameters, or AsyncVCode as well");
        fault::async result{static_cast<std::uint8_t>(number(a[0], 0, 255))};
        if (a.size() > 1) {
            result.parameter1 = static_cast<std::uint16_t>(number(a[1], 0, 0xffff));
            result.parameter2 = static_cast<std::uint16_t>(number(a[2], 0, 0xffff));
            result.parameter3 = static_cast<std::uint16_t>(number(a[3], 0, 0xffff));
        }
        if (a.size() > 4) result.vendor_code = static_cast<std::uint8_t>(number(a[4], 0, 255));
        return result;
    }

    fault_action status(const std::vector<std::string_view>& a) const {
        if (a.size() != 1 && a.size() != 4)
            complain("status takes a name, and for check_condition key,asc,ascq in hex");
        fault::status result{lookup(status_names, a[0], "status")};
        if ((result.code == 0x02) != (a.size() == 4))
            complain("key,asc,ascq belong to check_condition, and only to it");
        if (a.size() == 4) {
            result.sense_key = static_cast<std::uint8_t>(number(a[1], 0, 15, 16));
            result.asc = hex_byte(a[2]);
            result.ascq = hex_byte(a[3]);
        }
        return result;
    }

    /// A wire does not do these to what the target receives.
    static bool needs_sent(const fault_action& what) {
        return std::holds_alternative<fault::wrong_field>(what) || std::holds_alternative<fault::trickle>(what) ||
               std::holds_alternative<fault::cut>(what) || std::holds_alternative<fault::duplicate>(what) ||
               std::holds_alternative<fault::later>(what);
    }

    void check_direction(const trigger& when, const fault_action& what) const {
        const bool sent = is_sent(when.what);
        const bool command =
            when.what == watched::scsi_command || when.what == watched::scsi_read || when.what == watched::scsi_write;
        if (std::holds_alternative<fault::status>(what) && !command) complain("status applies to SCSI commands");
        if (std::holds_alternative<fault::short_data>(what) && when.what != watched::data_in)
            complain("short_data applies to data_in");
        if (needs_sent(what) && !sent) complain("this action applies to PDUs that the target sends");
        if (std::holds_alternative<fault::tmf_response>(what) && when.what != watched::task_management_request)
            complain("tmf_response applies to task_management_request");
        if (std::holds_alternative<fault::endless_text>(what) && when.what != watched::text_request &&
            when.what != watched::login_request)
            complain("endless_text applies to text_request and login_request");
        if (std::holds_alternative<fault::reject>(what) && sent) complain("reject applies to PDUs of the initiator");
    }

    void check_by_clock(const trigger& when, const fault_action& what) const {
        const bool allowed = std::holds_alternative<fault::drop_connection>(what) ||
                             std::holds_alternative<fault::close_listener>(what) ||
                             std::holds_alternative<fault::async>(what) || std::holds_alternative<fault::flood>(what);
        if (when.when != trigger::kind::every || !allowed)
            complain("by the clock there are every millisecond(n): drop_connection, close_listener, async and flood");
    }

    std::string_view text_;
    std::size_t line_;
};

}  // namespace

fault_script parse_fault_script(std::string_view text) {
    fault_script script;
    std::size_t line = 1;
    while (!text.empty()) {
        const auto end = text.find_first_of("\n;");
        auto step = text.substr(0, end);
        const bool comment = step.find('#') != std::string_view::npos;
        step = step.substr(0, step.find('#'));
        if (step.find_first_not_of(" \t\r") != std::string_view::npos)
            script.push_back(step_parser(step, line).parse());
        if (end == std::string_view::npos) break;
        const auto next = comment ? text.find('\n') : end;  // a ';' within a comment ends nothing
        if (next == std::string_view::npos) break;
        if (text[next] == '\n') ++line;
        text.remove_prefix(next + 1);
    }
    return script;
}

}  // namespace persiscsi::target
