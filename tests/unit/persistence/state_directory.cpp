// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/persistence/state_directory.hpp"

#include "tests/unit/persistence/version_1_table.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace persiscsi::persistence::testing {

state_directory::state_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "persiscsi-table-XXXXXX").native();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
    parent_ = pattern;
}

state_directory::~state_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(parent_, ignored);
}

void state_directory::sql(const std::string& statements) const {
    sqlite3* connection = nullptr;
    sqlite3_open_v2(file().c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr);
    const int code = sqlite3_exec(connection, statements.c_str(), nullptr, nullptr, nullptr);
    const std::string text = sqlite3_errmsg(connection);
    sqlite3_close(connection);
    if (code != SQLITE_OK) throw std::runtime_error(statements + ": " + text);
}

void state_directory::make_version_1() const {
    std::filesystem::create_directory(path());
    write_content(file(), "");
    sql(std::string(version_1_schema) + std::string(version_1_rows) + std::string(version_1_damage));
    write_content(key(), version_1_key);
    std::filesystem::permissions(key(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

login_record plain_login(std::string_view target) {
    login_record login;
    login.target = target;
    login.portal_host = "192.0.2.7";
    login.initiator_name = "iqn.2024-01.example:host";
    login.isid = 0x400001370000;
    return login;
}

login_record hostile_login() {
    using namespace std::string_literals;
    login_record login;
    login.target = "iqn.2024-01.example:\"quoted\" 'x'; DROP TABLE registrations; --";
    login.portal_host = "2001:db8::7%eth0\n\t";
    login.portal_port = 65535;
    login.initiator_name = "iqn with NUL \0 inside"s;
    login.isid = 0xffffffffffff;
    login.header_digest = digest_wish::crc32c;
    login.data_digest = digest_wish::prefer;
    login.parameters = {{"MaxBurstLength", "262144"}, {"", ""}, {"1:a,", "\0,:\0"s}, {"MaxBurstLength", "again"}};
    login.connections = 65535;
    login.recovery = {recovery_policy::fail_after, std::chrono::seconds(86400)};
    login.interface_address = "\xff\xfe broken UTF-8 \xc3";
    login.owner = std::string(max_text_bytes, '\'');
    login.labels = {{"größe", "日本語 \U0001f4be"},
                    {std::string(max_text_bytes, 'k'), std::string(max_text_bytes, '\0')}};
    login.tls = {true, false, "/etc/\"ca\"\n.pem", "/our 'own'; --", "\0/key"s, "disk.example\xff"};
    return login;
}

registration_id add(session_table& table, const login_record& login) {
    auto tx = table.begin();
    const auto id = tx.add_registration(login);
    tx.commit();
    return id;
}

bool remove(session_table& table, registration_id id) {
    auto tx = table.begin();
    const bool removed = tx.remove_registration(id);
    tx.commit();
    return removed;
}

void put(session_table& table, std::string_view name, std::string_view chap_name, std::string_view value) {
    change(table, [&](transaction& tx) { tx.put_secret(name, chap_name, secret(value)); });
}

void change(session_table& table, const std::function<void(transaction&)>& work) {
    auto tx = table.begin();
    work(tx);
    tx.commit();
}

store_error error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const store_error& error) {
        return error;
    }
    ADD_FAILURE() << "no store_error was thrown";
    return {store_errc::misuse, "nothing", "was", "thrown"};
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_content(const std::filesystem::path& file, std::string_view content) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out.flush()) throw std::runtime_error("write " + file.native());
}

}  // namespace persiscsi::persistence::testing
