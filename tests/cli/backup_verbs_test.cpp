// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/daemon_verbs_case.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

constexpr char backup[] =
    R"({"format":"persiscsi-table","version":1,"secrets":[],"portals":[],"registrations":[{"id":"reg-1"}]})";
constexpr char imported[] =
    R"({"results":[{"kind":"secret","id":"s","result":"unchanged","registration_id":null,"message":null},)"
    R"({"kind":"registration","id":"reg-1","result":"created","registration_id":"reg-7","message":null}]})";

std::string content_of(const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TEST_F(daemon_verbs, table_export_prints_the_one_document) {
    daemon_.on("GET /v1/table", {200, backup});
    const auto result = run({"table", "export"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(boost::json::parse(result.out), boost::json::parse(backup));
}

TEST_F(daemon_verbs, table_export_to_a_file_replaces_it_with_one_only_its_owner_reads) {
    daemon_.on("GET /v1/table", {200, backup});
    const auto file = directory_.path() / "backup.json";
    std::ofstream(file) << "an older one";
    const auto result = run({"table", "export", "-o", file.string()});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out, "1 registrations, 0 portals, 0 secrets in " + file.string() + "\n");
    EXPECT_EQ(boost::json::parse(content_of(file)), boost::json::parse(backup));
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(daemon_verbs, table_export_writes_to_a_pipe_and_follows_a_link) {
    daemon_.on("GET /v1/table", {200, backup});
    const auto pipe = directory_.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_EQ(run({"table", "export", "-o", pipe.string()}).exit, 0);
    char received[1024] = {};
    EXPECT_GT(::read(reader, received, sizeof received - 1), 0);
    ::close(reader);
    EXPECT_EQ(boost::json::parse(received), boost::json::parse(backup));
    EXPECT_TRUE(std::filesystem::is_fifo(pipe)) << "not replaced by a file";

    const auto file = directory_.path() / "backup.json";
    const auto link = directory_.path() / "link";
    std::ofstream(file) << "an older one";
    std::filesystem::create_symlink(file, link);
    EXPECT_EQ(run({"table", "export", "-o", link.string()}).exit, 0);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(boost::json::parse(content_of(file)), boost::json::parse(backup));
    EXPECT_EQ(run({"table", "export", "-o", directory_.path().string()}).exit, 2) << "a directory";
}

TEST_F(daemon_verbs, table_import_sends_the_document_with_its_flags) {
    daemon_.on("POST /v1/table", {200, imported});
    const auto file = directory_.path() / "backup.json";
    std::ofstream(file) << backup;
    const auto result = run({"table", "import", file.string(), "--atomic", "--replace"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out,
              "ID     KIND          RESULT     REGISTRATION\n"
              "s      secret        unchanged  -\n"
              "reg-1  registration  created    reg-7\n");
    const auto body = last_body();
    EXPECT_EQ(body.at("document"), boost::json::parse(backup));
    EXPECT_TRUE(body.at("atomic").as_bool() && body.at("replace").as_bool());
    EXPECT_FALSE(body.at("dry_run").as_bool());
}

TEST_F(daemon_verbs, table_import_reads_standard_input_and_tells_what_failed) {
    daemon_.on("POST /v1/table",
               {200,
                R"({"results":[{"kind":"secret","id":"a","result":"failed","message":"another key"},)"
                R"({"kind":"secret","id":"b","result":"created","message":null}]})"});
    program_input input;
    input.standard_input = backup;
    const auto result = run({"table", "import"}, input);
    EXPECT_EQ(result.exit, 3);
    EXPECT_EQ(result.err, "persiscsi: table import \"a\": another key\n");
}

TEST_F(daemon_verbs, table_import_refuses_what_is_no_json_before_the_daemon_is_asked) {
    program_input input;
    input.standard_input = "{\"format\":";
    EXPECT_EQ(run({"table", "import", "-"}, input).exit, 2);
    EXPECT_EQ(run({"table", "import", "/nonexistent/backup"}).exit, 2);
}

TEST_F(daemon_verbs, table_rekey_tells_what_stays_under_its_old_key) {
    daemon_.on("POST /v1/table/rekey",
               {200,
                R"({"results":[{"name":"a","result":"resealed","message":null},)"
                R"({"name":"b","result":"failed","message":"another key"}]})"});
    const auto result = run({"table", "rekey", "--dry-run"});
    EXPECT_EQ(result.exit, 3);
    EXPECT_EQ(result.out,
              "NAME  RESULT\n"
              "a     resealed\n"
              "b     failed\n");
    EXPECT_EQ(result.err, "persiscsi: table rekey \"b\": another key\n");
    EXPECT_TRUE(last_body().at("dry_run").as_bool());
    daemon_.on("POST /v1/table/rekey", {200, R"({"results":[]})"});
    EXPECT_EQ(run({"table", "rekey"}).exit, 0);
}

}  // namespace
}  // namespace persiscsi::cli
