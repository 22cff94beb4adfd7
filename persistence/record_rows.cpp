// SPDX-License-Identifier: Apache-2.0
#include "persistence/record_rows.hpp"

#include "persistence/boot_id.hpp"
#include "persistence/login_rules.hpp"

#include <limits>
#include <type_traits>

namespace persiscsi::persistence {
namespace {

// Columns, once: names, order, members. Their meaning is in schema.hpp, and their order is that of the file: those of a
// later migration come last.
template <class Login, class Visitor>
void visit_login(Login& login, Visitor&& visit) {
    visit("target", login.target);
    visit("portal_host", login.portal_host);
    visit("portal_port", login.portal_port);
    visit("initiator_name", login.initiator_name);
    visit("isid", login.isid);
    visit("chap_secret", login.chap_secret);
    visit("mutual_secret", login.mutual_secret);
    visit("header_digest", login.header_digest);
    visit("data_digest", login.data_digest);
    visit("parameters", login.parameters);
    visit("connections", login.connections);
    visit("recovery_policy", login.recovery.policy);
    visit("recovery_limit", login.recovery.limit);
    visit("interface_address", login.interface_address);
    visit("owner", login.owner);
    visit("labels", login.labels);
}

template <class Tls, class Visitor>
void visit_tls(Tls& tls, Visitor&& visit) {
    visit("tls", tls.enabled);
    visit("tls_verify", tls.verify);
    visit("tls_ca", tls.ca);
    visit("tls_certificate", tls.certificate);
    visit("tls_key", tls.key);
    visit("tls_server_name", tls.server_name);
}

template <class Record, class Visitor>
void visit(Record& record, Visitor&& visit) requires std::is_same_v<std::remove_const_t<Record>, registration> {
    visit("id", record.id.value);
    visit_login(record.login, visit);
    visit("created_at", record.created_at);
    visit_tls(record.login.tls, visit);
    visit("disconnected_in", record.disconnected_in);
}

template <class Record, class Visitor>
void visit(Record& record, Visitor&& visit) requires std::is_same_v<std::remove_const_t<Record>, stored_session> {
    visit("number", record.number);
    visit("id", record.session.id);
    visit_login(record.session.login, visit);
    visit("registration", record.session.registration);
    visit("boot_id", record.session.boot_id);
    visit("created_at", record.session.created_at);
    visit_tls(record.session.login.tls, visit);
}

template <class Record, class Visitor>
void visit(Record& record, Visitor&& visit) requires std::is_same_v<std::remove_const_t<Record>, sealed_secret> {
    visit("number", record.number);
    visit("name", record.shown.name);
    visit("chap_name", record.shown.chap_name);
    visit("key_id", record.key_id);
    visit("sealed", record.sealed);
    visit("created_at", record.shown.created_at);
}

template <class Record, class Visitor>
void visit(Record& record, Visitor&& visit) requires std::is_same_v<std::remove_const_t<Record>, boot_row> {
    visit("number", record.number);
    visit("boot_id", record.boot_id);
    visit("created_at", record.created_at);
}

template <class Record, class Visitor>
void visit(Record& record, Visitor&& visit) requires std::is_same_v<std::remove_const_t<Record>, stored_portal> {
    visit("number", record.number);
    visit_login(record.portal.login, visit);
    visit_tls(record.portal.login.tls, visit);
    visit("created_at", record.portal.created_at);
    visit("answered_at", record.portal.answered_at);
    visit("last_error", record.portal.last_error);
}

template <class Record, class Visitor>
void visit(Record& record, Visitor&& visit) requires std::is_same_v<std::remove_const_t<Record>, stored_place> {
    visit("number", record.number);
    visit("target", record.seen.place.target);
    visit("host", record.seen.place.host);
    visit("port", record.seen.place.port);
    visit("portal_group_tag", record.seen.place.portal_group_tag);
    visit("portal_host", record.seen.portal_host);
    visit("portal_port", record.seen.portal_port);
    visit("first_seen", record.seen.first_seen);
    visit("last_seen", record.seen.last_seen);
}

struct to_value {
    sql_value operator()(const std::string& text) const { return text; }
    sql_value operator()(const blob& raw) const { return raw; }
    sql_value operator()(bool yes) const { return std::int64_t{yes}; }
    sql_value operator()(std::int64_t number) const { return number; }
    sql_value operator()(std::uint16_t number) const { return std::int64_t{number}; }
    sql_value operator()(std::uint64_t number) const { return static_cast<std::int64_t>(number); }
    sql_value operator()(digest_wish wish) const { return std::string(to_string(wish)); }
    sql_value operator()(recovery_policy policy) const { return std::string(to_string(policy)); }
    sql_value operator()(std::chrono::seconds limit) const { return std::int64_t{limit.count()}; }
    sql_value operator()(const key_values& pairs) const { return pack_pairs(pairs); }
    sql_value operator()(session_id id) const { return to_string(id); }
    sql_value operator()(timestamp time) const { return std::int64_t{time.time_since_epoch().count()}; }
    sql_value operator()(const std::optional<registration_id>& id) const { return id ? id->value : std::int64_t{0}; }
};

std::optional<session_id> parse_written_session_id(std::string_view text) {
    const auto id = parse_session_id(text);  // which takes upper case too
    return id && to_string(*id) == text ? id : std::nullopt;
}

// Takes the values of a row in order, each into a member of its type.
class row_reader {
  public:
    explicit row_reader(const row& values) : values_(values) {}

    void operator()(std::string_view column, std::string& text) { text = next<std::string>(column); }
    void operator()(std::string_view column, blob& raw) { raw = next<blob>(column); }
    void operator()(std::string_view column, std::int64_t& number) { number = next<std::int64_t>(column); }
    void operator()(std::string_view column, bool& yes) { yes = within(column, 0, 1) == 1; }
    void operator()(std::string_view column, std::uint16_t& number) {
        number = static_cast<std::uint16_t>(within(column, 0, std::numeric_limits<std::uint16_t>::max()));
    }
    void operator()(std::string_view column, std::uint64_t& number) {
        number = static_cast<std::uint64_t>(within(column, 0, std::numeric_limits<std::int64_t>::max()));
    }
    void operator()(std::string_view column, digest_wish& wish) { parse(column, parse_digest_wish, wish); }
    void operator()(std::string_view column, recovery_policy& policy) { parse(column, parse_recovery_policy, policy); }
    void operator()(std::string_view column, std::chrono::seconds& limit) {
        limit = std::chrono::seconds(next<std::int64_t>(column));
    }
    void operator()(std::string_view column, key_values& pairs) { parse(column, unpack_pairs, pairs); }
    void operator()(std::string_view column, session_id& id) { parse(column, parse_written_session_id, id); }
    void operator()(std::string_view column, timestamp& time) {
        time = timestamp(std::chrono::microseconds(next<std::int64_t>(column)));
    }
    void operator()(std::string_view column, std::optional<registration_id>& id) {
        const auto number = within(column, 0, std::numeric_limits<std::int64_t>::max());
        id = number == 0 ? std::nullopt : std::optional(registration_id{number});
    }

  private:
    template <class Value>
    const Value& next(std::string_view column) {
        const auto* value = index_ < values_.size() ? std::get_if<Value>(&values_[index_]) : nullptr;
        if (value == nullptr) throw row_fault{std::string(column) + " has the wrong type"};
        ++index_;
        return *value;
    }
    std::int64_t within(std::string_view column, std::int64_t least, std::int64_t most) {
        const auto number = next<std::int64_t>(column);
        if (number < least || number > most) {
            throw row_fault{std::string(column) + " is out of range: " + std::to_string(number)};
        }
        return number;
    }
    template <class Parse, class Value>
    void parse(std::string_view column, Parse parser, Value& out) {
        auto value = parser(next<std::string>(column));
        if (!value) throw row_fault{std::string(column) + " is not what was ever written there"};
        out = *std::move(value);
    }

    const row& values_;
    std::size_t index_ = 0;
};

template <class Record>
table_shape shape_of(std::string_view name) {
    table_shape shape{name, {}};
    const Record record{};
    visit(record, [&](std::string_view column, const auto&) { shape.columns.push_back(column); });
    return shape;
}

template <class Record>
row row_of(const Record& record) {
    row values;
    visit(record, [&](std::string_view, const auto& member) { values.push_back(to_value{}(member)); });
    return values;
}

template <class Record>
void read_record(const row& values, Record& record) {
    row_reader read(values);
    visit(record, [&](std::string_view column, auto& member) { read(column, member); });
}

void refuse(const std::string& fault) {
    if (!fault.empty()) throw row_fault{fault};
}

}  // namespace

const table_shape registrations_shape = shape_of<registration>("registrations");
const table_shape live_sessions_shape = shape_of<stored_session>("live_sessions");
const table_shape secrets_shape = shape_of<sealed_secret>("secrets");
const table_shape boot_shape = shape_of<boot_row>("boot");
const table_shape portals_shape = shape_of<stored_portal>("portals");
const table_shape places_shape = shape_of<stored_place>("places");

row to_row(const registration& record) {
    return row_of(record);
}
row to_row(const stored_session& record) {
    return row_of(record);
}
row to_row(const sealed_secret& record) {
    return row_of(record);
}
row to_row(const boot_row& record) {
    return row_of(record);
}
row to_row(const stored_portal& record) {
    return row_of(record);
}
row to_row(const stored_place& record) {
    return row_of(record);
}

void from_row(const row& values, registration& record) {
    read_record(values, record);
    if (record.id.value <= 0) throw row_fault{"id is not positive"};
    refuse(login_fault(record.login));
    const auto& boot = record.disconnected_in;
    if (!boot.empty() && !boot_id_fault(boot).empty()) throw row_fault{"disconnected_in is no boot id"};
}

void from_row(const row& values, stored_session& record) {
    read_record(values, record);
    refuse(login_fault(record.session.login));
    refuse(boot_id_fault(record.session.boot_id));
}

void from_row(const row& values, sealed_secret& record) {
    read_record(values, record);
    refuse(name_fault(record.shown.name));
}

void from_row(const row& values, boot_row& record) {
    read_record(values, record);
    refuse(boot_id_fault(record.boot_id));
}

void from_row(const row& values, stored_portal& record) {
    read_record(values, record);
    refuse(portal_fault(record.portal.login));
}

void from_row(const row& values, stored_place& record) {
    read_record(values, record);
    refuse(place_fault(record.seen.place));
}

}  // namespace persiscsi::persistence
