// SPDX-License-Identifier: Apache-2.0
#include "persistence/session_table.hpp"

#include "persistence/boot_id.hpp"
#include "persistence/table_state.hpp"

#include <algorithm>
#include <set>

namespace persiscsi::persistence {
namespace {

constexpr std::string_view begin_operation = "begin boot";

// The key appears with the table. A missing key beside sealed secrets is not replaced: it may still be found again.
void prepare_key(const table_state& state) {
    settle_keys(state);
    if (seal_key::load(state.key_file)) return;
    if (state.table.number("open session table", "SELECT count(*) FROM secrets") == 0) seal_key::create(state.key_file);
}

std::vector<live_session> sessions_of(std::vector<stored_session> stored) {
    std::vector<live_session> out;
    out.reserve(stored.size());
    for (auto& record : stored) out.push_back(std::move(record.session));
    return out;
}

template <class Record>
loaded<Record> load_table(const table_state& state, std::string_view operation, const table_shape& shape) {
    return load_records<Record>(read_rows(state.table, operation, shape));
}

template <class Record>
void append_damaged(std::vector<damaged_row>& out, const table_state& state, const table_shape& shape) {
    const auto rows = load_table<Record>(state, "check session table", shape);
    for (std::size_t index = 0; index < rows.damaged.size(); ++index) {
        const auto number = rows.damaged[index].number;
        const bool named = std::is_same_v<Record, registration>;
        out.push_back({std::string(shape.name),
                       named ? to_string(registration_id{number}) : "row " + std::to_string(number),
                       rows.reasons[index]});
    }
}

// Without a trustworthy boot row the sessions themselves say which boot they belong to.
bool is_same_boot(const table_state& state, const std::vector<stored_session>& sessions, std::string_view boot_id) {
    const auto boots = load_table<boot_row>(state, begin_operation, boot_shape).records;
    if (!boots.empty()) return boots.front().boot_id == boot_id;
    return std::ranges::any_of(sessions, [&](const auto& stored) { return stored.session.boot_id == boot_id; });
}

// Session rows of an earlier boot mean nothing any more, not even damaged ones.
std::size_t start_new_boot(const table_state& state, std::string_view boot_id) {
    auto forget = state.table.prepare(begin_operation, "DELETE FROM live_sessions");
    forget.run();
    const auto forgotten = state.table.changed_rows();
    state.table.execute(begin_operation, "DELETE FROM boot");
    insert_row(state.table, begin_operation, boot_shape, to_row(boot_row{0, std::string(boot_id), time_now()}));
    return static_cast<std::size_t>(forgotten);
}

// Whom a start in this boot brings back.
boot_report scope_of(const table_state& state, std::string_view boot_id) {
    boot_report report;
    auto stored = load_table<stored_session>(state, begin_operation, live_sessions_shape).records;
    report.same_boot = is_same_boot(state, stored, boot_id);
    if (report.same_boot) {
        std::erase_if(stored, [&](const auto& record) { return record.session.boot_id != boot_id; });
        report.to_resume = sessions_of(std::move(stored));
    }
    std::set<registration_id> fulfilled;
    for (const auto& session : report.to_resume) {
        if (session.registration) fulfilled.insert(*session.registration);
    }
    report.to_connect = load_table<registration>(state, begin_operation, registrations_shape).records;
    std::erase_if(report.to_connect, [&](const auto& record) {
        return fulfilled.contains(record.id) || record.disconnected_in == boot_id;
    });
    return report;
}

}  // namespace

session_table session_table::open(const open_options& options) {
    ensure_directory(options.state_dir);
    auto key_file = options.key_file.empty() ? options.state_dir / "secrets.key" : options.key_file;
    auto state = std::make_unique<table_state>(options.state_dir, std::move(key_file), options.vfs);
    prepare_key(*state);
    return session_table(std::move(state));
}

session_table::session_table(std::unique_ptr<table_state> state) noexcept : state_(std::move(state)) {}
session_table::session_table(session_table&&) noexcept = default;
session_table& session_table::operator=(session_table&&) noexcept = default;
session_table::~session_table() = default;

boot_report session_table::begin_boot(std::string_view boot_id) {
    if (const auto fault = boot_id_fault(boot_id); !fault.empty()) {
        throw store_error(store_errc::misuse, begin_operation, in_quotes(boot_id), fault);
    }
    auto change = begin();
    auto report = scope_of(*state_, boot_id);
    if (!report.same_boot) report.forgotten = start_new_boot(*state_, boot_id);
    change.commit();
    state_->boot_id = boot_id;
    return report;
}

boot_report session_table::foresee_reboot() const {
    return scope_of(*state_, state_->boot_id + " and after a reboot");  // the id of no boot so far
}

std::vector<registration> session_table::registrations() const {
    return load_table<registration>(*state_, "read registrations", registrations_shape).records;
}

std::vector<live_session> session_table::live_sessions() const {
    return sessions_of(load_table<stored_session>(*state_, "read live sessions", live_sessions_shape).records);
}

std::vector<secret_row> session_table::secrets() const {
    std::vector<secret_row> out;
    for (auto& record : load_table<sealed_secret>(*state_, "read secrets", secrets_shape).records) {
        out.push_back(std::move(record.shown));
    }
    return out;
}

std::vector<discovery_portal> session_table::portals() const {
    std::vector<discovery_portal> out;
    for (auto& record : load_table<stored_portal>(*state_, "read portals", portals_shape).records) {
        out.push_back(std::move(record.portal));
    }
    return out;
}

std::vector<discovered_place> session_table::places() const {
    std::vector<discovered_place> out;
    for (auto& record : load_table<stored_place>(*state_, "read places", places_shape).records) {
        out.push_back(std::move(record.seen));
    }
    return out;
}

std::optional<registration> session_table::find_registration(registration_id id) const {
    return find_record<registration>(*state_, "read registration", registrations_shape, "id", id.value, to_string(id));
}

std::optional<live_session> session_table::find_live_session(session_id id) const {
    auto found = find_record<stored_session>(
        *state_, "read live session", live_sessions_shape, "id", to_string(id), to_string(id));
    if (!found) return std::nullopt;
    return std::move(found->session);
}

std::optional<session_id> session_table::session_of(registration_id id) const {
    const auto bound = load_records<stored_session>(
        read_rows(state_->table, "read live session", live_sessions_shape, "registration", id.value));
    if (bound.records.empty()) return std::nullopt;
    return bound.records.front().session.id;
}

std::vector<registration> session_table::registrations_of(std::string_view target) const {
    return load_records<registration>(
               read_rows(state_->table, "read registrations", registrations_shape, "target", std::string(target)))
        .records;
}

std::optional<secret_row> session_table::find_secret(std::string_view name) const {
    auto found =
        find_record<sealed_secret>(*state_, "read secret", secrets_shape, "name", std::string(name), in_quotes(name));
    if (!found) return std::nullopt;
    return std::move(found->shown);
}

std::vector<damaged_row> session_table::damaged_rows() const {
    std::vector<damaged_row> out;
    append_damaged<registration>(out, *state_, registrations_shape);
    append_damaged<stored_session>(out, *state_, live_sessions_shape);
    append_damaged<sealed_secret>(out, *state_, secrets_shape);
    append_damaged<boot_row>(out, *state_, boot_shape);
    append_damaged<stored_portal>(out, *state_, portals_shape);
    append_damaged<stored_place>(out, *state_, places_shape);
    return out;
}

transaction session_table::begin() {
    return transaction(*state_);
}

}  // namespace persiscsi::persistence
