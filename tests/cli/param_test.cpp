// SPDX-License-Identifier: Apache-2.0
// --param with every key of RFC 7143 §13 that an initiator may set: the program against the scripted target.
#include "tests/cli/program.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

namespace persiscsi::cli {
namespace {

constexpr char iqn[] = "iqn.2024-01.com.example:disk1";
constexpr std::size_t block_size = 512;
constexpr std::size_t blocks = 512;

/// A target that can do all there is, so that the initiator's wish decides.
target::server_options able_target() {
    target::server_options options;
    target::target_options disk;
    disk.name = iqn;
    disk.luns = {{.lun = 0, .blocks = blocks, .serial = {}}};
    disk.limits.max_recv_data_segment_length = (1U << 24U) - 1;
    disk.limits.max_burst_length = disk.limits.first_burst_length = (1U << 24U) - 1;
    disk.limits.max_outstanding_r2t = 65535;
    disk.limits.default_time2retain = 3600;
    options.targets = {disk};
    return options;
}

class param_option : public testing::Test {
  protected:
    param_option() : thread_([this] { io_.run(); }) {}
    ~param_option() override {
        EXPECT_EQ(target_.violations(), std::vector<std::string>{});
        target_.stop();
        work_.reset();
        thread_.join();
    }

    program_result run(std::vector<std::string> line, const std::vector<std::string>& parameters) {
        for (const auto& parameter : parameters) line.insert(line.end(), {"--param", parameter});
        program_input input;
        input.environment.emplace_back("PERSISCSI_STATE_DIR", directory_.path().string());
        return run_program(line, input);
    }
    std::string url() const { return "iscsi://127.0.0.1:" + std::to_string(target_.port()) + "/" + iqn + "/0"; }
    std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

    /// Writes bytes that nobody wrote before over the whole disk, and reads them back.
    void move_data(const std::vector<std::string>& parameters) {
        std::string written(blocks * block_size, '\0');
        for (auto& byte : written) byte = static_cast<char>((state_ = state_ * 1664525U + 1013904223U) >> 24U);
        std::ofstream(path("written"), std::ios::binary) << written;
        const auto writing = run({"write", url(), "--lba", "0", "-i", path("written")}, parameters);
        ASSERT_EQ(writing.exit, 0) << writing.err;
        EXPECT_EQ(writing.err, "");
        const auto disk = target_.store()->volume(iqn, 0, blocks * block_size);
        EXPECT_EQ(std::memcmp(disk.data(), written.data(), written.size()), 0);
        const auto blocks_wanted = std::to_string(blocks);
        const auto reading =
            run({"read", url(), "--lba", "0", "--blocks", blocks_wanted, "-o", path("read")}, parameters);
        ASSERT_EQ(reading.exit, 0) << reading.err;
        std::ifstream file(path("read"), std::ios::binary);
        EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(file), {}) == written);
    }

    temporary_directory directory_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    target::scripted_target target_{io_, able_target()};
    std::thread thread_;
    std::uint32_t state_ = 12345;
};

TEST_F(param_option, of_every_key_at_its_ends_moves_data) {
    const std::vector<std::string> cases[] = {
        {"MaxRecvDataSegmentLength=512"},
        {"MaxRecvDataSegmentLength=16777215"},
        {"MaxBurstLength=512", "FirstBurstLength=512"},
        {"MaxBurstLength=0xffffff", "FirstBurstLength=512"},
        {"MaxBurstLength=16777215", "FirstBurstLength=16777215"},
        {"MaxOutstandingR2T=1", "InitialR2T=Yes", "MaxBurstLength=4096", "FirstBurstLength=4096"},
        {"MaxOutstandingR2T=65535", "InitialR2T=Yes", "MaxBurstLength=4096", "FirstBurstLength=4096"},
        {"InitialR2T=Yes", "ImmediateData=No"},
        {"InitialR2T=No", "ImmediateData=No"},
        {"InitialR2T=Yes", "ImmediateData=Yes"},
        {"DataPDUInOrder=Yes", "DataSequenceInOrder=Yes"},
        {"DefaultTime2Wait=0", "DefaultTime2Retain=3600"},
        {"DefaultTime2Wait=1", "DefaultTime2Retain=0"},
        {"TaskReporting=RFC3720,ResponseFence", "iSCSIProtocolLevel=1"},
        {"InitiatorAlias=the host", "X-com.example.do=a/b:c"}};
    for (const auto& parameters : cases) {
        SCOPED_TRACE(parameters.front());
        move_data(parameters);
        if (HasFatalFailure()) return;
    }
}

TEST_F(param_option, that_may_not_be_offered_is_a_usage_error_and_nothing_is_sent) {
    struct refused {
        const char* parameter;
        const char* reason;
    };
    constexpr refused cases[] = {{"MaxRecvDataSegmentLength=511", "legal is 512 to 16777215"},
                                 {"MaxRecvDataSegmentLength=16777216", "legal is 512 to 16777215"},
                                 {"MaxBurstLength=511", "legal is 512 to 16777215"},
                                 {"FirstBurstLength=1048577", "exceeds MaxBurstLength 1048576"},
                                 {"MaxOutstandingR2T=0", "legal is 1 to 65535"},
                                 {"MaxOutstandingR2T=65536", "legal is 1 to 65535"},
                                 {"InitialR2T=yes", "legal is Yes or No"},
                                 {"ImmediateData=1", "legal is Yes or No"},
                                 {"DataPDUInOrder=Maybe", "legal is Yes or No"},
                                 {"DefaultTime2Wait=3601", "legal is 0 to 3600"},
                                 {"DefaultTime2Retain=-1", "legal is 0 to 3600"},
                                 {"TaskReporting=FastAbort", "with at least the first two"},
                                 {"iSCSIProtocolLevel=2", "legal is 1 "},
                                 {"SendTargets=All", "not for an initiator to set in a login"},
                                 {"TargetAlias=x", "not for an initiator to set in a login"},
                                 {"IFMarker=Yes", "not for an initiator to set in a login"},
                                 {"SessionType=Discovery", "is set by its own option"},
                                 {"HeaderDigest=CRC32C", "is set by its own option"},
                                 {"x-com.example=1", "is no name of a key"},
                                 {"MaxBurstLenght=65536", "is no key of RFC 7143"},
                                 {"X-com.example=Reject", "only answers may have"},
                                 {"InitiatorAlias=Reject", "only answers may have"}};
    for (const auto& [parameter, reason] : cases) {
        const auto result = run({"capacity", url()}, {parameter});
        EXPECT_EQ(result.exit, 2) << parameter;
        EXPECT_NE(result.err.find(reason), result.err.npos) << parameter << ": " << result.err;
    }
    EXPECT_EQ(target_.counters().logins, 0U);
    EXPECT_EQ(target_.counters().failed_logins, 0U);
}

}  // namespace
}  // namespace persiscsi::cli
