// SPDX-License-Identifier: Apache-2.0
#include "tests/target/fault_script.hpp"

#include "tests/target/fault_play.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <stdexcept>

namespace persiscsi::target {
namespace {

template <class Value>
struct named {
    std::string_view name;
    Value value;
};

constexpr named<watched> watched_names[] = {
    {"nop_out", watched::nop_out},
    {"scsi_command", watched::scsi_command},
    {"task_management_request", watched::task_management_request},
    {"login_request", watched::login_request},
    {"text_request", watched::text_request},
    {"data_out", watched::data_out},
    {"logout_request", watched::logout_request},
    {"snack_request", watched::snack_request},
    {"nop_in", watched::nop_in},
    {"scsi_response", watched::scsi_response},
    {"task_management_response", watched::task_management_response},
    {"login_response", watched::login_response},
    {"text_response", watched::text_response},
    {"data_in", watched::data_in},
    {"logout_response", watched::logout_response},
    {"r2t", watched::r2t},
    {"async_message", watched::async_message},
    {"reject", watched::reject},
    {"scsi_read", watched::scsi_read},
    {"scsi_write", watched::scsi_write},
    {"received", watched::received},
    {"sent", watched::sent},
    {"millisecond", watched::millisecond},
};

constexpr named<fault::flip_bit::place> place_names[] = {
    {"header", fault::flip_bit::place::header},
    {"header_digest", fault::flip_bit::place::header_digest},
    {"data", fault::flip_bit::place::data},
    {"data_digest", fault::flip_bit::place::data_digest},
};

constexpr named<fault::wrong_field::which> field_names[] = {
    {"dsl", fault::wrong_field::which::dsl},
    {"offset", fault::wrong_field::which::offset},
    {"itt", fault::wrong_field::which::itt},
    {"ttt", fault::wrong_field::which::ttt},
    {"stat_sn", fault::wrong_field::which::stat_sn},
    {"data_sn", fault::wrong_field::which::data_sn},
    {"max_cmd_sn", fault::wrong_field::which::max_cmd_sn},
    {"opcode", fault::wrong_field::which::opcode},
};

/// SCSI status codes (SAM-5 table 34).
constexpr named<std::uint8_t> status_names[] = {
    {"check_condition", 0x02},
    {"busy", 0x08},
    {"reservation_conflict", 0x18},
    {"task_set_full", 0x28},
    {"aca_active", 0x30},
    {"task_aborted", 0x40},
};

template <class Value, std::size_t N>
const Value* find(const named<Value> (&rows)[N], std::string_view name) {
    for (const auto& row : rows)
        if (row.name == name) return &row.value;
    return nullptr;
}

template <class Value, std::size_t N>
std::string name_of(const named<Value> (&rows)[N], Value value) {
    for (const auto& row : rows)
        if (row.value == value) return std::string(row.name);
    return std::to_string(static_cast<unsigned>(value));
}

/// One step being read; every complaint names the line.
class step_parser {
  public:
    step_parser(std::string_view text, std::size_t line) : text_(text), line_(line) {}

    fault_step parse() {
        const auto colon = text_.find(':');
        if (colon == std::string_view::npos) complain("a step reads 'TRIGGER: ACTION'");
        const auto [trigger_word, trigger_arguments] = call(text_.substr(0, colon));
        const auto [action_name, action_arguments] = call(text_.substr(colon + 1));
        auto what = action(action_name, action_arguments);
        auto when = read_trigger(trigger_word, trigger_arguments, what);
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
        if (std::holds_alternative<fault::flip_bit>(what) || std::holds_alternative<fault::wrong_field>(what))
            return watched::sent;
        if (std::holds_alternative<fault::status>(what)) return watched::scsi_command;
        if (std::holds_alternative<fault::short_data>(what)) return watched::data_in;
        return watched::received;
    }

    trigger read_trigger(std::string_view word,
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
        if (name == "ignore") return expect_arguments(name, a, 0), fault::ignore{};
        if (name == "flip_bit") return fault::flip_bit{lookup(place_names, one(), "place")};
        if (name == "delay") return fault::delay{time(one())};
        if (name == "close_listener") return fault::close_listener{time(one())};
        if (name == "status") return status(a);
        if (name == "async") return fault::async{static_cast<std::uint8_t>(number(one(), 0, 255))};
        if (name == "reject") return fault::reject{static_cast<std::uint8_t>(number(one(), 0, 255))};
        if (name == "wrong_field") return fault::wrong_field{lookup(field_names, one(), "field")};
        if (name == "short_data") return fault::short_data{number(one(), 1, 0xffffff)};
        if (name == "freeze") {
            if (one() != "max_cmd_sn") complain("only max_cmd_sn can be frozen");
            return fault::freeze{};
        }
        complain("unknown action '" + std::string(name) + "'");
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

    void check_direction(const trigger& when, const fault_action& what) const {
        const bool sent = is_sent(when.what);
        const bool command =
            when.what == watched::scsi_command || when.what == watched::scsi_read || when.what == watched::scsi_write;
        if (std::holds_alternative<fault::status>(what) && !command) complain("status applies to SCSI commands");
        if (std::holds_alternative<fault::short_data>(what) && when.what != watched::data_in)
            complain("short_data applies to data_in");
        if ((std::holds_alternative<fault::flip_bit>(what) || std::holds_alternative<fault::wrong_field>(what)) &&
            !sent)
            complain("this action applies to PDUs that the target sends");
        if (when.what == watched::millisecond &&
            (when.when != trigger::kind::every || !(std::holds_alternative<fault::drop_connection>(what) ||
                                                    std::holds_alternative<fault::close_listener>(what))))
            complain("by the clock there are every millisecond(n): drop_connection and close_listener");
        if (std::holds_alternative<fault::reject>(what) && sent) complain("reject applies to PDUs of the initiator");
    }

    std::string_view text_;
    std::size_t line_;
};

std::string hex(std::uint8_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {digits[value >> 4U], digits[value & 15U]};
}

struct action_printer {
    std::string operator()(const fault::drop_connection&) const { return "drop_connection"; }
    std::string operator()(const fault::flip_bit& a) const { return "flip_bit(" + name_of(place_names, a.where) + ")"; }
    std::string operator()(const fault::delay& a) const { return "delay(" + std::to_string(a.time.count()) + ")"; }
    std::string operator()(const fault::ignore&) const { return "ignore"; }
    std::string operator()(const fault::status& a) const {
        const auto sense = "," + hex(a.sense_key) + "," + hex(a.asc) + "," + hex(a.ascq);
        return "status(" + name_of(status_names, a.code) + (a.code == 0x02 ? sense : "") + ")";
    }
    std::string operator()(const fault::close_listener& a) const {
        return "close_listener(" + std::to_string(a.time.count()) + ")";
    }
    std::string operator()(const fault::freeze&) const { return "freeze(max_cmd_sn)"; }
    std::string operator()(const fault::async& a) const { return "async(" + std::to_string(a.event) + ")"; }
    std::string operator()(const fault::reject& a) const { return "reject(" + std::to_string(a.reason) + ")"; }
    std::string operator()(const fault::wrong_field& a) const {
        return "wrong_field(" + name_of(field_names, a.field) + ")";
    }
    std::string operator()(const fault::short_data& a) const { return "short_data(" + std::to_string(a.bytes) + ")"; }
};

}  // namespace

bool is_sent(watched what) {
    return (what >= watched::nop_in && what <= watched::reject) || what == watched::sent;
}

std::optional<watched> watched_of(pdu::opcode opcode) {
    constexpr named<pdu::opcode> opcodes[] = {
        {"nop_out", pdu::opcode::nop_out},
        {"scsi_command", pdu::opcode::scsi_command},
        {"task_management_request", pdu::opcode::task_management_request},
        {"login_request", pdu::opcode::login_request},
        {"text_request", pdu::opcode::text_request},
        {"data_out", pdu::opcode::data_out},
        {"logout_request", pdu::opcode::logout_request},
        {"snack_request", pdu::opcode::snack_request},
        {"nop_in", pdu::opcode::nop_in},
        {"scsi_response", pdu::opcode::scsi_response},
        {"task_management_response", pdu::opcode::task_management_response},
        {"login_response", pdu::opcode::login_response},
        {"text_response", pdu::opcode::text_response},
        {"data_in", pdu::opcode::data_in},
        {"logout_response", pdu::opcode::logout_response},
        {"r2t", pdu::opcode::r2t},
        {"async_message", pdu::opcode::async_message},
        {"reject", pdu::opcode::reject},
    };
    for (const auto& row : opcodes)
        if (row.value == opcode) return *find(watched_names, row.name);
    return std::nullopt;
}

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

std::string to_string(const fault_step& step) {
    const auto count = "(" + std::to_string(step.when.n) + ")";
    std::string when = "always";
    if (step.when.when == trigger::kind::on) when = "on " + name_of(watched_names, step.when.what) + count;
    if (step.when.when == trigger::kind::every) when = "every " + name_of(watched_names, step.when.what) + count;
    return when + ": " + std::visit(action_printer{}, step.what);
}

std::string to_string(const fault_script& script) {
    std::string text;
    for (const auto& step : script) text += to_string(step) + "\n";
    return text;
}

}  // namespace persiscsi::target
