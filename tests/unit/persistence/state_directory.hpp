// SPDX-License-Identifier: Apache-2.0
// A temporary state directory and records to put into it.
#pragma once

#include "persistence/errors.hpp"
#include "persistence/session_table.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace persiscsi::persistence::testing {

class state_directory {
  public:
    state_directory();  // mkdtemp under TMPDIR; the directory itself is made by the table: path() is inside it
    state_directory(const state_directory&) = delete;
    state_directory& operator=(const state_directory&) = delete;
    ~state_directory();

    const std::filesystem::path& parent() const { return parent_; }
    std::filesystem::path path() const { return parent_ / "state"; }
    std::filesystem::path file() const { return path() / "sessions.db"; }
    std::filesystem::path key() const { return path() / "secrets.key"; }
    session_table open() const { return session_table::open({path(), {}, {}}); }

    // Straight into the file, past the table. Not while the table is open.
    void sql(const std::string& statements) const;
    // The directory of a daemon that knew version 1 (version_1_table.hpp), with its damaged rows.
    void make_version_1() const;

  private:
    std::filesystem::path parent_;
};

login_record plain_login(std::string_view target = "iqn.2024-01.example:disk1");
// Every member differs from its default; texts with quotes, NUL, broken UTF-8 and line ends.
login_record hostile_login();

// One change in a transaction of its own.
registration_id add(session_table& table, const login_record& login);
bool remove(session_table& table, registration_id id);
void put(session_table& table, std::string_view name, std::string_view chap_name, std::string_view value);
void change(session_table& table, const std::function<void(transaction&)>& work);

// The store_error the call throws; a failed expectation when it throws none.
store_error error_of(const std::function<void()>& call);

std::string content_of(const std::filesystem::path& file);
void write_content(const std::filesystem::path& file, std::string_view content);

inline constexpr std::string_view boot_a = "11111111-aaaa-4000-8000-000000000001";
inline constexpr std::string_view boot_b = "22222222-bbbb-4000-8000-000000000002";

}  // namespace persiscsi::persistence::testing
