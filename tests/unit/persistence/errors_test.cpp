// SPDX-License-Identifier: Apache-2.0
#include "persistence/errors.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace persiscsi::persistence {
namespace {

TEST(errors, message_names_operation_object_and_reason) {
    const store_error error(store_errc::in_use, "remove secret", in_quotes("lab"), "by reg-17");
    EXPECT_STREQ(error.what(), "remove secret \"lab\": in use (by reg-17)");
    EXPECT_EQ(error.code(), store_errc::in_use);
    EXPECT_EQ(error.errc(), store_errc::in_use);
}

TEST(errors, message_without_object_or_reason_has_no_empty_parts) {
    EXPECT_STREQ(store_error(store_errc::misuse, "commit", "").what(), "commit: invalid request");
}

TEST(errors, message_is_one_line_whatever_the_names_hold) {
    const store_error error(store_errc::not_found, "read", in_quotes("a\nb\x1b[31m"), "tab\there");
    EXPECT_STREQ(error.what(), "read \"a\\x0ab\\x1b[31m\": not found (tab\\x09here)");
}

TEST(errors, long_names_are_shortened) {
    EXPECT_EQ(in_quotes(std::string(81, 'a')), '"' + std::string(80, 'a') + "…\"");
    EXPECT_EQ(in_quotes(std::string(80, 'a')), '"' + std::string(80, 'a') + '"');
}

TEST(errors, every_code_has_its_own_name_and_text) {
    std::set<std::string> names;
    std::set<std::string> texts;
    const int last = static_cast<int>(store_errc::io);
    for (int code = 1; code <= last; ++code) {
        names.emplace(name_of(static_cast<store_errc>(code)));
        texts.insert(store_category().message(code));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(last));
    EXPECT_EQ(texts.size(), static_cast<std::size_t>(last));
    EXPECT_EQ(name_of(static_cast<store_errc>(last + 1)), "unknown");
    EXPECT_EQ(store_category().message(-1), "unknown store error -1");
}

TEST(errors, errno_values_map_to_what_the_operator_must_do) {
    EXPECT_EQ(errc_from_errno(EROFS), store_errc::read_only);
    EXPECT_EQ(errc_from_errno(EACCES), store_errc::permission);
    EXPECT_EQ(errc_from_errno(ENOSPC), store_errc::full);
    EXPECT_EQ(errc_from_errno(EDQUOT), store_errc::full);
    EXPECT_EQ(errc_from_errno(EIO), store_errc::io);
    EXPECT_EQ(class_of(store_errc::full), store_error_class::retry_later);
    EXPECT_EQ(class_of(store_errc::damaged), store_error_class::permanent);
}

}  // namespace
}  // namespace persiscsi::persistence
