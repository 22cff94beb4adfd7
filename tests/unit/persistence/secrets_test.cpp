// SPDX-License-Identifier: Apache-2.0
#include "persistence/record_rows.hpp"
#include "persistence/schema.hpp"
#include "persistence/seal_key.hpp"
#include "tests/unit/persistence/state_directory.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace persiscsi::persistence::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view clear_text = "Tr0ub4dor-and-three-more";

struct secrets_test : ::testing::Test {
    state_directory directory;

    void replace_key() const {
        std::filesystem::remove(directory.key());
        seal_key::create(directory.key());
    }
};

TEST_F(secrets_test, value_comes_back_after_reopening) {
    const std::string every_byte = [] {
        std::string bytes;
        for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
        return bytes;
    }();
    {
        auto table = directory.open();
        put(table, "lab", "initiator", clear_text);
        put(table, "bytes", "b", every_byte);
        put(table, "longest", "l", std::string(max_secret_bytes, 'x'));
    }
    const auto table = directory.open();
    const auto opened = table.load_secret("lab");
    EXPECT_EQ(opened.chap_name, "initiator");
    EXPECT_EQ(opened.value.reveal(), clear_text);
    EXPECT_EQ(table.load_secret("bytes").value.reveal(), every_byte);
    EXPECT_EQ(table.load_secret("longest").value.size(), max_secret_bytes);
    ASSERT_EQ(table.secrets().size(), 3U);
    EXPECT_EQ(table.find_secret("lab")->chap_name, "initiator");
}

TEST_F(secrets_test, clear_text_is_in_no_file_of_the_state_directory) {
    auto table = directory.open();
    put(table, "lab", "initiator", clear_text);
    auto tx = table.begin();
    tx.put_secret("lab", "initiator", secret("another-secret-value"));
    const auto search = [&] {
        std::size_t searched = 0;
        bool found_name = false;
        for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
            const auto content = content_of(entry.path());
            EXPECT_THAT(content, Not(HasSubstr(std::string(clear_text)))) << entry.path();
            EXPECT_THAT(content, Not(HasSubstr("another-secret-value"))) << entry.path();
            found_name = found_name || content.find("initiator") != std::string::npos;
            ++searched;
        }
        EXPECT_TRUE(found_name);
        EXPECT_GE(searched, 3U);
    };
    search();
    tx.commit();
    search();
}

TEST_F(secrets_test, same_value_is_sealed_differently_each_time) {
    seal_key::create(directory.parent() / "key");
    const auto key = seal_key::load(directory.parent() / "key").value();
    const auto first = key.seal(secret(clear_text), "row");
    EXPECT_NE(first, key.seal(secret(clear_text), "row"));
    EXPECT_EQ(key.unseal(first, "row")->reveal(), clear_text);
    EXPECT_FALSE(key.unseal(first, "other row").has_value());
}

TEST_F(secrets_test, every_altered_or_missing_byte_breaks_the_seal) {
    seal_key::create(directory.parent() / "key");
    const auto key = seal_key::load(directory.parent() / "key").value();
    const auto sealed = key.seal(secret("short"), "row");
    for (std::size_t index = 0; index < sealed.bytes.size(); ++index) {
        auto altered = sealed;
        altered.bytes[index] = static_cast<char>(altered.bytes[index] ^ 1);
        EXPECT_FALSE(key.unseal(altered, "row").has_value()) << index;
        EXPECT_FALSE(key.unseal(blob{sealed.bytes.substr(0, index)}, "row").has_value()) << index;
    }
    EXPECT_FALSE(key.unseal(blob{sealed.bytes + 'x'}, "row").has_value());
}

TEST_F(secrets_test, storing_again_replaces) {
    auto table = directory.open();
    put(table, "lab", "one", "first secret value");
    put(table, "lab", "two", clear_text);
    ASSERT_EQ(table.secrets().size(), 1U);
    EXPECT_EQ(table.load_secret("lab").chap_name, "two");
    EXPECT_EQ(table.load_secret("lab").value.reveal(), clear_text);
}

TEST_F(secrets_test, unknown_names_and_unfit_values_are_refused) {
    auto table = directory.open();
    EXPECT_EQ(error_of([&] { static_cast<void>(table.load_secret("none")); }).errc(), store_errc::not_found);
    auto tx = table.begin();
    EXPECT_EQ(error_of([&] { tx.put_secret("", "c", secret("v")); }).errc(), store_errc::misuse);
    EXPECT_EQ(error_of([&] { tx.put_secret("n", "", secret("v")); }).errc(), store_errc::misuse);
    EXPECT_EQ(error_of([&] { tx.put_secret("n", "c", secret()); }).errc(), store_errc::misuse);
    const std::string long_value(max_secret_bytes + 1, 'Z');
    const auto error = error_of([&] { tx.put_secret("n", "c", secret(long_value)); });
    EXPECT_EQ(error.errc(), store_errc::misuse);
    EXPECT_THAT(error.what(), HasSubstr("4097 bytes, 1 to 4096"));
    EXPECT_THAT(error.what(), Not(HasSubstr("ZZ")));
}

TEST_F(secrets_test, secret_in_use_is_kept_and_its_users_are_named) {
    auto table = directory.open();
    table.begin_boot(boot_a);
    put(table, "lab", "initiator", clear_text);
    auto login = plain_login();
    login.mutual_secret = "lab";
    change(table, [&](transaction& tx) {
        for (int count = 0; count < 5; ++count) tx.add_registration(login);
        tx.add_live_session({0xa, 0xb}, login, std::nullopt);
        const auto error = error_of([&] { tx.remove_secret("lab"); });
        EXPECT_EQ(error.errc(), store_errc::in_use);
        EXPECT_THAT(error.what(), HasSubstr("\"lab\": in use (by reg-1, reg-2, reg-3, reg-4, reg-5 and 1 more)"));
        for (const auto& record : table.registrations()) tx.remove_registration(record.id);
        EXPECT_THAT(error_of([&] { tx.remove_secret("lab"); }).what(),
                    HasSubstr("by session 000000000000000a-000000000000000b"));
        tx.remove_live_session({0xa, 0xb});
        EXPECT_TRUE(tx.remove_secret("lab"));
    });
    EXPECT_TRUE(table.secrets().empty());
}

TEST_F(secrets_test, login_with_an_unknown_secret_is_refused) {
    auto table = directory.open();
    auto tx = table.begin();
    auto login = plain_login();
    login.mutual_secret = "nobody";
    const auto error = error_of([&] { tx.add_registration(login); });
    EXPECT_EQ(error.errc(), store_errc::not_found);
    EXPECT_THAT(error.what(), HasSubstr("no secret \"nobody\""));
}

TEST_F(secrets_test, key_that_does_not_fit_is_named) {
    {
        auto table = directory.open();
        put(table, "lab", "initiator", clear_text);
    }
    replace_key();
    auto table = directory.open();
    const auto error = error_of([&] { static_cast<void>(table.load_secret("lab")); });
    EXPECT_EQ(error.errc(), store_errc::wrong_key);
    EXPECT_THAT(error.what(), HasSubstr("not sealed with the key in " + directory.key().native()));
    EXPECT_EQ(table.secrets().size(), 1U);
    put(table, "lab", "initiator", clear_text);
    EXPECT_EQ(table.load_secret("lab").value.reveal(), clear_text);
}

TEST_F(secrets_test, missing_key_is_not_replaced_while_secrets_are_sealed_with_it) {
    {
        auto table = directory.open();
        put(table, "lab", "initiator", clear_text);
    }
    const auto aside = directory.parent() / "key-set-aside";
    std::filesystem::rename(directory.key(), aside);
    {
        auto table = directory.open();
        add(table, plain_login());
        EXPECT_EQ(error_of([&] { static_cast<void>(table.load_secret("lab")); }).errc(), store_errc::wrong_key);
        auto tx = table.begin();
        EXPECT_EQ(error_of([&] { tx.put_secret("n", "c", secret("v")); }).errc(), store_errc::wrong_key);
    }
    EXPECT_FALSE(std::filesystem::exists(directory.key()));
    std::filesystem::rename(aside, directory.key());
    EXPECT_EQ(directory.open().load_secret("lab").value.reveal(), clear_text);
}

TEST_F(secrets_test, row_cannot_take_the_names_of_another_even_with_a_right_checksum) {
    {
        auto table = directory.open();
        put(table, "lab", "initiator", clear_text);
    }
    for (const std::size_t renamed : {1U, 2U}) {  // name, chap_name
        const auto original = content_of(directory.file());
        {
            const auto table = open_database(directory.file(), {});
            auto values = read_rows(table, "test", secrets_shape).front().values;
            values[renamed] = std::string("other");
            replace_row(table, "test", secrets_shape, values);
        }
        const auto error =
            error_of([&] { static_cast<void>(directory.open().load_secret(renamed == 1 ? "other" : "lab")); });
        EXPECT_EQ(error.errc(), store_errc::damaged);
        EXPECT_THAT(error.what(), HasSubstr("the seal is broken"));
        write_content(directory.file(), original);
    }
}

TEST_F(secrets_test, key_file_is_made_for_its_owner_alone) {
    directory.open();
    struct stat status {};
    ASSERT_EQ(stat(directory.key().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_EQ(status.st_size, 65);
}

TEST_F(secrets_test, key_file_others_may_read_is_refused) {
    directory.open();
    for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
        ASSERT_EQ(chmod(directory.key().c_str(), mode), 0);
        const auto error = error_of([&] { directory.open(); });
        EXPECT_EQ(error.errc(), store_errc::permission);
        EXPECT_THAT(error.what(), HasSubstr("0600 expected"));
    }
    ASSERT_EQ(chmod(directory.key().c_str(), 0400), 0);
    directory.open();
}

TEST_F(secrets_test, key_file_without_a_key_is_refused_without_showing_it) {
    directory.open();
    const std::string digits(64, 'a');
    for (const auto& content : {std::string(),
                                digits.substr(1),
                                digits + "a",
                                digits + "\n\n",
                                digits.substr(1) + "g",
                                std::string(70, 'a'),
                                digits.substr(1) + "A"}) {
        write_content(directory.key(), content);
        const auto error = error_of([&] { directory.open(); });
        EXPECT_EQ(error.errc(), store_errc::damaged) << content;
        EXPECT_THAT(error.what(), Not(HasSubstr("aaa")));
    }
    write_content(directory.key(), digits);
    directory.open();
}

TEST_F(secrets_test, key_file_may_live_elsewhere) {
    const auto key = directory.parent() / "elsewhere.key";
    {
        auto table = session_table::open({directory.path(), key, {}});
        put(table, "lab", "initiator", clear_text);
    }
    EXPECT_TRUE(std::filesystem::exists(key));
    EXPECT_FALSE(std::filesystem::exists(directory.key()));
    EXPECT_EQ(session_table::open({directory.path(), key, {}}).load_secret("lab").value.reveal(), clear_text);
}

}  // namespace
}  // namespace persiscsi::persistence::testing
