// SPDX-License-Identifier: Apache-2.0
// The program's direct commands against the scripted target in this process.
#include "cli/file_descriptor.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

using arguments = std::vector<std::string>;

constexpr char iqn[] = "iqn.2024-01.com.example:disk1";
constexpr char chap_iqn[] = "iqn.2024-01.com.example:chap";
constexpr std::size_t block_size = 512;
constexpr std::size_t blocks = 4096;  // 2 MiB: more than all the requests that are under way at once

target::lun_options lun(std::uint64_t number, std::uint64_t size_in_blocks) {
    target::lun_options options;
    options.lun = number;
    options.blocks = size_in_blocks;
    return options;
}

target::server_options options_of_two_targets() {
    target::server_options options;
    options.targets.resize(2);
    options.targets[0].name = iqn;
    options.targets[0].luns = {lun(0, blocks), lun(1, 7), lun(2, 16)};
    options.targets[0].luns[1].block_size = 4096;
    options.targets[0].luns[2].read_only = true;
    options.targets[1].name = chap_iqn;
    options.targets[1].luns = {lun(0, 8)};
    target::chap_options chap;
    chap.user = "us";
    chap.secret = secret("hunter2-hunter2");
    chap.mutual_user = "them";
    chap.mutual = secret("other-other-other");
    options.targets[1].chap = std::move(chap);
    return options;
}

/// Bytes that differ from block to block.
std::string pattern(std::size_t size) {
    std::string result(size, '\0');
    std::uint32_t state = 12345;
    for (auto& byte : result) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24U);
    }
    return result;
}

class direct_verbs : public testing::Test {
  protected:
    direct_verbs() : thread_([this] { io_.run(); }) {}
    ~direct_verbs() override {
        EXPECT_EQ(target_.violations(), std::vector<std::string>{});
        target_.stop();
        work_.reset();
        thread_.join();
    }

    std::string url(const std::string& lun = "0", const std::string& name = iqn) const {
        return "iscsi://127.0.0.1:" + std::to_string(target_.port()) + "/" + name + (lun.empty() ? "" : "/" + lun);
    }
    program_result run(arguments line, program_input input = {}) {
        input.environment.emplace_back("PERSISCSI_STATE_DIR", directory_.path().string());
        return run_program(line, input);
    }
    std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
    std::span<std::byte> disk() { return target_.store()->volume(iqn, 0, blocks * block_size); }
    std::string on_disk(std::size_t first, std::size_t count) {
        std::string result(count * block_size, '\0');
        std::memcpy(result.data(), disk().data() + first * block_size, result.size());
        return result;
    }
    void fill_disk(const std::string& with) { std::memcpy(disk().data(), with.data(), with.size()); }
    bool disk_is_empty() {
        return std::ranges::all_of(disk(), [](std::byte byte) { return byte == std::byte{0}; });
    }

    temporary_directory directory_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    target::scripted_target target_{io_, options_of_two_targets()};
    std::thread thread_;
};

TEST_F(direct_verbs, discover_lists_targets_with_their_portals) {
    const auto portal = "127.0.0.1:" + std::to_string(target_.port());
    const auto result = run({"discover", portal});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_NE(result.out.find(std::string(iqn) + "  " + portal + "  1\n"), result.out.npos) << result.out;
    const auto document = boost::json::parse(run({"discover", portal, "--json"}).out);
    ASSERT_EQ(document.at("targets").as_array().size(), 2U);
    const auto& first = document.at("targets").at(0);
    EXPECT_EQ(first.at("target"), iqn);
    EXPECT_EQ(first.at("portals"), boost::json::parse(R"([{"address":")" + portal + R"(","portal_group_tag":1}])"));
}

TEST_F(direct_verbs, luns_are_listed_with_their_sizes) {
    const auto result = run({"luns", url(""), "--json"});
    EXPECT_EQ(result.exit, 0) << result.err;
    const auto list = boost::json::parse(result.out).at("luns").as_array();
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[1].at("lun"), 1);
    EXPECT_EQ(list[1].at("size"), 7 * 4096);
    EXPECT_EQ(list[1].at("block_size"), 4096);
    EXPECT_TRUE(list[1].at("vendor").is_string());
    EXPECT_EQ(std::ranges::count(run({"luns", url()}).out, '\n'), 4);
}

TEST_F(direct_verbs, inquiry_capacity_ready_and_flush_answer) {
    const auto inquiry = boost::json::parse(run({"inquiry", url(), "--json"}).out);
    EXPECT_TRUE(inquiry.at("vendor").is_string());
    EXPECT_TRUE(inquiry.at("serial").is_string());
    EXPECT_GT(inquiry.at("identifiers").as_array().size(), 0U);
    const auto capacity = boost::json::parse(run({"--json", "capacity", url("1")}).out);
    EXPECT_EQ(capacity.at("blocks"), 7);
    EXPECT_EQ(capacity.at("block_size"), 4096);
    EXPECT_EQ(capacity.at("size"), 7 * 4096);
    EXPECT_EQ(run({"ready", url()}).out, "ready\n");
    EXPECT_EQ(run({"flush", url()}).out, "flushed\n");
    EXPECT_EQ(run({"capacity", url("")}).exit, 0);
}

TEST_F(direct_verbs, debug_tells_what_the_login_agreed_on) {
    const auto told = [this](arguments line) {
        line.insert(line.end(), {"--debug"});
        const auto result = run(line);
        EXPECT_EQ(result.exit, 0) << result.err;
        return result.err;
    };
    EXPECT_NE(told({"ready",
                    url(),
                    "--data-digest",
                    "crc32c",
                    "--param",
                    "InitialR2T=Yes",
                    "--param",
                    "MaxRecvDataSegmentLength=4096",
                    "--param",
                    "FirstBurstLength=512"})
                  .find("debug: agreed: AuthMethod=None HeaderDigest=None DataDigest=CRC32C InitialR2T=Yes "
                        "ImmediateData=Yes MaxRecvDataSegmentLength=4096/262144 MaxBurstLength=1048576 "
                        "FirstBurstLength=512 "),
              std::string::npos);
    EXPECT_NE(told({"ready",
                    url("0", chap_iqn),
                    "--chap-user",
                    "us",
                    "--chap-secret-file",
                    directory_.file("us", "hunter2-hunter2"),
                    "--mutual-user",
                    "them",
                    "--mutual-secret-file",
                    directory_.file("them", "other-other-other"),
                    "--param",
                    "CHAP_A=7"})
                  .find("debug: agreed: AuthMethod=CHAP (mutual) CHAP_A=7 HeaderDigest=None "),
              std::string::npos);
}

TEST_F(direct_verbs, every_session_is_logged_out_again) {
    EXPECT_EQ(run({"capacity", url()}).exit, 0);
    EXPECT_EQ(run({"inquiry", url("9")}).exit, 10);
    EXPECT_EQ(run({"read", url(), "--lba", "99999"}).exit, 10);
    EXPECT_EQ(target_.counters().logins, 3U);
    EXPECT_EQ(target_.counters().logouts, 3U);
    EXPECT_TRUE(target_.sessions().empty());
}

TEST_F(direct_verbs, write_and_read_keep_every_byte_in_its_place) {
    const auto data = pattern(blocks * block_size);
    const auto written = run({"write", url(), "--lba", "0", "-i", directory_.file("in", data)});
    EXPECT_EQ(written.exit, 0) << written.err;
    EXPECT_EQ(written.out, "wrote 4096 blocks (2097152 bytes) from block 0 on\n");
    EXPECT_TRUE(on_disk(0, blocks) == data);
    const auto read = run({"read", url(), "--output", path("out")});
    EXPECT_EQ(read.exit, 0) << read.err;
    EXPECT_EQ(read.out, "read 4096 blocks (2097152 bytes)\n");
    EXPECT_TRUE(directory_.content("out") == data);
}

TEST_F(direct_verbs, data_goes_through_pipes_with_digests) {
    const auto data = pattern(3000 * block_size);
    const arguments digests{"--header-digest", "crc32c", "--data-digest", "crc32c"};
    arguments write{"write", url(), "--lba", "1000", "--fua"};
    write.insert(write.end(), digests.begin(), digests.end());
    const auto written = run(write, {.standard_input = data});
    EXPECT_EQ(written.exit, 0) << written.err;
    EXPECT_TRUE(on_disk(1000, 3000) == data);
    arguments read{"read", url(), "--lba", "1000", "--blocks", "3000"};
    read.insert(read.end(), digests.begin(), digests.end());
    const auto result = run(read);
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_TRUE(result.out == data);
}

TEST_F(direct_verbs, reader_that_goes_away_ends_read_silently) {
    const auto result = run({"read", url()}, {.read_only_this_much = 10});
    EXPECT_EQ(result.exit, 10);
    EXPECT_EQ(result.err, "");
}

TEST_F(direct_verbs, range_past_the_end_is_refused_with_numbers_before_anything_happens) {
    const auto read = run({"read", url(), "--lba", "4000", "--blocks", "97", "-o", path("out")});
    EXPECT_EQ(read.exit, 10);
    EXPECT_EQ(read.err,
              "persiscsi: read " + url() +
                  ": 97 blocks from block 4000 on: past the end, the logical unit has 4096 blocks of 512 bytes\n");
    EXPECT_FALSE(std::filesystem::exists(path("out")));
    const auto write = run({"write", url(), "--lba", "4095", "-i", directory_.file("in", pattern(2 * block_size))});
    EXPECT_EQ(write.exit, 10);
    EXPECT_EQ(run({"write", url(), "--lba", "18446744073709551615", "-i", path("in")}).exit, 10);
    EXPECT_EQ(run({"unmap", url(), "--lba", "4096", "--blocks", "1"}).exit, 10);
    EXPECT_TRUE(disk_is_empty());
    EXPECT_EQ(target_.counters().bytes_written, 0U);
}

TEST_F(direct_verbs, short_last_block_is_refused_unless_padded) {
    const auto data = pattern(block_size + 100);
    const auto file = directory_.file("in", data);
    const auto refused = run({"write", url(), "--lba", "0", "-i", file});
    EXPECT_EQ(refused.exit, 10);
    EXPECT_NE(refused.err.find("the input ends within a block: 100 bytes of 512"), refused.err.npos) << refused.err;
    EXPECT_TRUE(disk_is_empty());
    const auto piped = run({"write", url(), "--lba", "0"}, {.standard_input = data});
    EXPECT_EQ(piped.exit, 10);
    EXPECT_TRUE(disk_is_empty());
    fill_disk(std::string(2 * block_size, 'x'));
    EXPECT_EQ(run({"write", url(), "--lba", "0", "-i", file, "--pad"}).exit, 0);
    EXPECT_TRUE(on_disk(0, 2) == data + std::string(block_size - 100, '\0'));
}

TEST_F(direct_verbs, dry_run_checks_and_writes_nothing) {
    const auto file = directory_.file("in", pattern(block_size));
    EXPECT_EQ(run({"write", url(), "--lba", "0", "-i", file, "--dry-run"}).exit, 0);
    EXPECT_EQ(run({"write", url(), "--lba", "4096", "-i", file, "--dry-run"}).exit, 10);
    fill_disk("keep me");
    EXPECT_EQ(run({"unmap", url(), "--lba", "0", "--blocks", "8", "--dry-run"}).exit, 0);
    EXPECT_EQ(on_disk(0, 1).substr(0, 7), "keep me");
}

TEST_F(direct_verbs, unmap_takes_blocks_away) {
    fill_disk(std::string(3 * block_size, 'x'));
    const auto result = run({"unmap", url(), "--lba", "1", "--blocks", "1"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(on_disk(0, 3),
              std::string(block_size, 'x') + std::string(block_size, '\0') + std::string(block_size, 'x'));
}

TEST_F(direct_verbs, destructive_commands_want_the_lun) {
    for (const arguments& line :
         {arguments{"write", url(""), "--lba", "0"}, arguments{"unmap", url(""), "--lba", "0", "--blocks", "1"}}) {
        const auto result = run(line);
        EXPECT_EQ(result.exit, 2) << result.err;
    }
    EXPECT_EQ(target_.counters().logins, 0U);
}

TEST_F(direct_verbs, write_to_a_protected_unit_says_so_and_how_far_it_came) {
    const auto result = run({"write", url("2"), "--lba", "3", "-i", directory_.file("in", pattern(block_size))});
    EXPECT_EQ(result.exit, 10);
    EXPECT_NE(result.err.find("blocks 3 to 3"), result.err.npos) << result.err;
    EXPECT_NE(result.err.find("write protected"), result.err.npos) << result.err;
    EXPECT_NE(result.err.find("0 blocks were written before"), result.err.npos) << result.err;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
}

TEST_F(direct_verbs, unknown_lun_is_an_io_error) {
    for (const auto* verb : {"inquiry", "capacity", "ready", "read"}) {
        const auto result = run({verb, url("9")});
        EXPECT_EQ(result.exit, 10) << verb << ": " << result.err;
        EXPECT_TRUE(result.err.starts_with("persiscsi: " + std::string(verb) + " " + url("9") + ": ")) << result.err;
        EXPECT_EQ(result.out, "");
    }
}

TEST_F(direct_verbs, unknown_target_is_a_failed_login) {
    const auto result = run({"capacity", url("0", "iqn.2024-01.com.example:nobody")});
    EXPECT_EQ(result.exit, 9);
    EXPECT_NE(result.err.find("target not found"), result.err.npos) << result.err;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
}

TEST_F(direct_verbs, closed_port_is_unreachable) {
    target_.stop();
    const auto result = run({"capacity", url()});
    EXPECT_EQ(result.exit, 8) << result.err;
    EXPECT_EQ(run({"discover", "127.0.0.1:" + std::to_string(target_.port())}).exit, 8);
}

TEST_F(direct_verbs, chap_of_both_sides_logs_in_and_wrong_secrets_do_not) {
    const auto secret = directory_.file("secret", "hunter2-hunter2\n");
    const auto wrong = directory_.file("wrong", "hunter3-hunter3\n");
    const auto mutual = directory_.file("mutual", "other-other-other\n");
    const auto there = url("0", chap_iqn);
    const arguments one_way{"capacity", there, "--chap-user", "us", "--chap-secret-file", secret};
    EXPECT_EQ(run(one_way).exit, 0);
    auto both = one_way;
    both.insert(both.end(), {"--mutual-user", "them", "--mutual-secret-file", mutual, "--debug"});
    const auto good = run(both);
    EXPECT_EQ(good.exit, 0) << good.err;
    EXPECT_EQ(good.err.find("hunter2"), good.err.npos);
    EXPECT_NE(good.err.find("mutual CHAP"), good.err.npos) << good.err;
    const auto refused = run({"capacity", there, "--chap-user", "us", "--chap-secret-file", wrong});
    EXPECT_EQ(refused.exit, 9);
    EXPECT_EQ(refused.err.find("hunter3"), refused.err.npos) << refused.err;
    auto impostor = one_way;
    impostor.insert(impostor.end(), {"--mutual-user", "them", "--mutual-secret-file", wrong});
    EXPECT_EQ(run(impostor).exit, 9);
    EXPECT_EQ(run({"capacity", there}).exit, 9);
    const auto of_url = "iscsi://us@" + there.substr(8);
    EXPECT_EQ(run({"capacity", of_url, "--chap-secret-file", "-"}, {.standard_input = "hunter2-hunter2\n"}).exit, 0);
}

TEST_F(direct_verbs, initiator_name_is_the_daemons_where_it_can_be_read) {
    directory_.file("initiator.name", "iqn.2026-11.org.persiscsi:daemon-of-test\n");
    std::vector<std::string> seen;
    const auto result = run({"capacity", url(), "--debug"});
    EXPECT_EQ(result.exit, 0) << result.err;
    directory_.file("initiator.name", "broken name\n");
    const auto broken = run({"capacity", url()});
    EXPECT_EQ(broken.exit, 2);
    EXPECT_NE(broken.err.find("initiator.name"), broken.err.npos) << broken.err;
}

TEST_F(direct_verbs, timeout_ends_a_command_and_names_the_step) {
    const auto result = run({"write", url(), "--lba", "0", "--timeout", "0.5"}, {.hold_standard_input = true});
    EXPECT_EQ(result.exit, 11);
    EXPECT_EQ(
        result.err,
        "persiscsi: write " + url() + ": timed out after 0.5 s at: waiting for input; 0 blocks were written before\n");
}

TEST_F(direct_verbs, session_outlives_an_input_that_takes_its_time) {
    target_.set_script({});
    const auto result = run({"write", url(), "--lba", "0", "--timeout", "2"},
                            {.standard_input = pattern(600 * block_size), .hold_standard_input = true});
    EXPECT_EQ(result.exit, 11) << result.err;
    EXPECT_EQ(target_.counters().logins, 1U);
}

TEST_F(direct_verbs, local_files_that_cannot_be_used_are_named) {
    const auto missing = run({"write", url(), "--lba", "0", "-i", path("nowhere")});
    EXPECT_EQ(missing.exit, 2);
    EXPECT_EQ(missing.err, "persiscsi: write " + path("nowhere") + ": No such file or directory\n");
    EXPECT_EQ(run({"read", url(), "-o", directory_.path().string()}).exit, 2);
    const auto full = run({"read", url(), "-o", "/dev/full"});
    EXPECT_EQ(full.exit, 10);
    EXPECT_NE(full.err.find("No space left on device"), full.err.npos) << full.err;
    EXPECT_TRUE(std::filesystem::exists("/dev/full"));
}

TEST(malformed_url, is_a_usage_error_of_every_direct_command) {
    for (const auto* verb : {"luns", "inquiry", "capacity", "ready", "read", "flush"}) {
        const auto result = run_program({verb, "iscsi://h:99999/iqn.2024-01.com.example:a"});
        EXPECT_EQ(result.exit, 2) << verb;
        EXPECT_EQ(
            result.err,
            "persiscsi: " + std::string(verb) + ": port \"99999\" is not a number from 1 to 65535 (character 11)\n");
    }
}

/// Listens on loopback and never accepts: a target that is silent, and with its queue full one that is dead.
class deaf_listener {
  public:
    deaf_listener() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        if (::bind(listener_.number(), generic(), size) != 0 || ::listen(listener_.number(), 0) != 0 ||
            ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address_), &size) != 0)
            throw std::runtime_error("cannot listen");
    }

    /// Until the kernel takes no further connection: its SYN stays without an answer.
    void fill_queue() {
        for (bool taken = true; taken;) {
            file_descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            ::connect(client.number(), generic(), sizeof address_);
            pollfd connected{client.number(), POLLOUT, 0};
            taken = ::poll(&connected, 1, 200) == 1;
            fillers_.push_back(std::move(client));
        }
    }

    [[nodiscard]] std::string url() const {
        return "iscsi://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/iqn.2024-01.com.example:a";
    }

  private:
    [[nodiscard]] const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&address_); }

    file_descriptor listener_;
    sockaddr_in address_{};
    std::vector<file_descriptor> fillers_;
};

TEST(silent_target, times_out_at_the_login) {
    const deaf_listener listener;
    const auto result = run_program({"capacity", listener.url(), "--timeout", "0.5"});
    EXPECT_EQ(result.exit, 11);
    EXPECT_EQ(result.err, "persiscsi: capacity " + listener.url() + ": timed out after 0.5 s at: login\n");
}

TEST(dead_address, times_out_at_the_login) {
    deaf_listener listener;
    listener.fill_queue();
    const auto result = run_program({"capacity", listener.url(), "--timeout", "0.5"});
    EXPECT_EQ(result.exit, 11);
    EXPECT_EQ(result.err, "persiscsi: capacity " + listener.url() + ": timed out after 0.5 s at: login\n");
}

}  // namespace
}  // namespace persiscsi::cli
