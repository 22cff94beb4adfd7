// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/rows.hpp"

#include <cctype>

namespace persiscsi::conformance {
namespace {

// clang-format off
constexpr row ffp[] = {
    {"ffp", "1.1", "Each non-immediate request takes the next CmdSN, counted from the one of the leading login.", "4.2.2.1, 11.12.8"},
    {"ffp", "2.1", "An immediate request has I=1 and the current CmdSN, which the next numbered one uses again.", "4.2.2.1"},
    {"ffp", "2.2", "Task management requests keep the same rule.", "4.2.2.1, 11.5.1"},
    {"ffp", "3.1", "While MaxCmdSN is ExpCmdSN-1 no command goes out; a NOP-In opens the window.", "4.2.2.1"},
    {"ffp", "3.2", "In a large window several commands go out without waiting for answers.", "4.2.2.1"},
    {"ffp", "3.3", "In a window of one exactly one command goes out until the target opens it again.", "4.2.2.1"},
    {"ffp", "4.1", "A retry has tag, CmdSN, flags, LUN and CDB of the first sending, and its connection.", "7.2.1, 7.11"},
    {"ffp", "5.1", "A large gap between StatSN and ExpStatSN starts recovery.", "4.2.2.2, 7.9"},
    {"ffp", "6.1", "DataSN of Data-Out starts at 0 in each sequence and counts up.", "11.7.5"},
    {"ffp", "7.1", "Commands of a broken connection go on by TASK REASSIGN on a new one.", "7.2.2, 11.5.1"},
    {"ffp", "8.1", "Immediate and unsolicited data of a command stay within FirstBurstLength.", "13.14, 4.2.5.2"},
    {"ffp", "8.2", "With InitialR2T=Yes and ImmediateData=No no data goes before an R2T.", "13.10, 13.11"},
    {"ffp", "8.3", "The unsolicited Data-Out of a command stays within FirstBurstLength.", "13.14"},
    {"ffp", "9.1", "Data-Out copies the Target Transfer Tag of its R2T.", "11.7.4"},
    {"ffp", "10.1", "A status in the last Data-In ends the command; no SCSI Response is waited for.", "11.7.3"},
    {"ffp", "10.2", "A Data-In with the A bit is acknowledged by DataACK before ExpStatSN acknowledges the status.", "11.7.2, 11.16.2"},
    {"ffp", "11.1.1", "Data-Out is never longer than the target's MaxRecvDataSegmentLength.", "13.12, 11.7.7"},
    {"ffp", "11.1.2", "A Data-In without data is no error.", "11.7.7"},
    {"ffp", "11.2.1", "F stands in the last unsolicited Data-Out.", "11.7.1"},
    {"ffp", "11.2.2", "F stands in the last Data-Out of an R2T.", "11.7.1, 11.8"},
    {"ffp", "11.3", "DataSN starts anew with each R2T.", "4.2.2.4, 11.7.5"},
    {"ffp", "11.4", "Buffer offsets are right and only grow within a sequence.", "11.7.6"},
    {"ffp", "12.1", "The answer to an R2T with the tag 0xabbaabba echoes it, with the R2T's offset and length.", "11.8, 11.8.5"},
    {"ffp", "12.2", "An R2T answered by several PDUs gets one range without gaps inside its own.", "11.8"},
    {"ffp", "12.3", "Several R2Ts of a command are answered in the order in which they came.", "11.8"},
    {"ffp", "12.4", "R2Ts of two commands are answered in the order in which they came, not that of the commands.", "11.8, 4.2.5.2"},
    {"ffp", "13.1", "A missing Data-In is asked for by a Data SNACK with the command's tag and its run, before the status is acknowledged.", "11.16, 7.8"},
    {"ffp", "13.2", "A DataACK has the Target Transfer Tag of the Data-In, no Initiator Task Tag and RunLength 0.", "11.16.4, 11.16.5, 11.16.7"},
    {"ffp", "14.1", "A target that asks for a logout gets one in time, for this connection or the session, and no new command.", "11.9.1"},
    {"ffp", "14.2", "Of two connections only the one asked for is closed, unless the session is.", "11.9.1, 11.14.3"},
    {"ffp", "15.1", "A NOP-In with a Target Transfer Tag is answered with its tag and LUN, and no task tag.", "11.18, 11.18.2"},
    {"ffp", "15.2", "Our own ping has a task tag, no Target Transfer Tag, LUN 0, and CmdSN as its I bit says.", "11.18.1, 11.18.2"},
    {"ffp", "15.3", "A NOP-Out that only acknowledges status has neither tag and is immediate.", "11.18, 11.18.1"},
    {"ffp", "16.1.1", "The first write has the CmdSN and ExpStatSN that follow from the login, a free tag and its true DataSegmentLength.", "11.3, 11.12.8"},
    {"ffp", "16.1.2", "The first read likewise, with DataSegmentLength 0.", "11.3, 11.12.8"},
    {"ffp", "16.2.1", "With ImmediateData=Yes and InitialR2T=Yes a command that holds all its data has F=1.", "11.3.1, 11.3.4"},
    {"ffp", "16.2.2", "With ImmediateData=No and InitialR2T=Yes the command has no data and W=1, and the last Data-Out has F=1.", "13.11, 11.7.1"},
    {"ffp", "16.2.3", "With ImmediateData=No and InitialR2T=No the command has no data and W=1; unsolicited Data-Out may follow.", "13.11, 13.10"},
    {"ffp", "16.2.4", "With both allowed immediate data stays within FirstBurstLength and the last unsolicited PDU has F=1.", "13.10, 13.14"},
    {"ffp", "16.3.1", "After a command with F=1 nothing is sent until an R2T, and F stands in the last Data-Out.", "11.3.1, 11.7.1"},
    {"ffp", "16.4.1", "A command that the target ended for a CRC error is issued anew with a new CmdSN, and is no success.", "11.4.7.2, 7.2.1"},
    {"ffp", "16.4.2", "A command that the target ended because it rejects SNACK is issued anew with a new CmdSN.", "7.8, 11.4.7.2"},
    {"ffp", "16.4.3", "A command ended for unexpected unsolicited data is issued anew with a new CmdSN.", "11.4.7.2"},
    {"ffp", "16.4.4", "A command ended for not enough unsolicited data is issued anew with a new CmdSN.", "11.4.7.2"},
    {"ffp", "16.4.5", "After BUSY the command is issued anew, later, with a new CmdSN.", "11.4.2, 7.2.1"},
    {"ffp", "16.4.6", "After TASK SET FULL the command is issued anew, later; RESERVATION CONFLICT reaches the caller as it is.", "11.4.2, 7.2.1"},
    {"ffp", "16.5", "A SCSI Response that closes the window stops commands until it is opened.", "4.2.2.1, 11.4.11"},
    {"ffp", "16.6", "Expected Data Transfer Length equal to the immediate data means F=1; beyond FirstBurstLength the rest waits for R2Ts.", "11.3.4"},
    {"ffp", "17.1", "After a Logout Request nothing is issued, the connection is closed on the response, and a later login goes to the original address.", "11.14, 11.9.1"},
    {"ffp", "18.1", "A Text Request has its CmdSN, no Target Transfer Tag, a free task tag, and F and C as its text is.", "11.10"},
    {"ffp", "18.2", "An unfinished Text Response is answered by an empty request with the same task tag, Target Transfer Tag, LUN and I bit.", "11.10.3, 11.10.4, 11.11.4"},
    {"ffp", "18.3.1", "A Target Transfer Tag in a finished Text Response is ignored, and a normal Logout follows.", "11.10.4"},
    {"ffp", "18.3.2", "An unfinished Text Response without a Target Transfer Tag ends in a logout or a closed connection.", "11.11.1, 7.7"},
    {"ffp", "18.4", "In a Discovery session nothing but SendTargets and Logout is sent, and a target that negotiates there meets recovery.", "13.21, 7.4.3"},
    {"ffp", "18.5", "A negotiation that the target resets leaves the connection in place and its values as they were.", "6.4, 7.12"},
    {"ffp", "19.1", "CmdSN of task management requests follows their I bit.", "4.2.2.1, 11.5"},
    {"ffp", "19.2", "The LUN of ABORT TASK is that of the task.", "11.5.3"},
    {"ffp", "19.3", "RefCmdSN is the CmdSN of the task to abort.", "11.5.5"},
    {"ffp", "19.4.1", "After ABORT TASK SET a NOP-In with a Target Transfer Tag is still answered.", "11.5.1"},
    {"ffp", "19.4.2", "After ABORT TASK SET R2Ts and NOP-Ins with valid tags are both still answered.", "11.5.1"},
    {"ffp", "19.4.3", "Responses for tasks that ABORT TASK SET affects are taken as they come.", "11.5.1"},
    {"ffp", "19.5", "TASK REASSIGN names the task by its tag, which it keeps on the new connection.", "11.5.4, 7.2.2"},
    {"ffp", "20.1", "Asynchronous Message 1 with one second gets a Logout within it, and no new command.", "11.9.1"},
    {"ffp", "20.2", "After Asynchronous Message 2 the connection is left, and taken up again when Time2Wait has passed.", "11.9.1"},
    {"ffp", "20.3", "After Asynchronous Message 3 all is left, and the login comes when Time2Wait has passed.", "11.9.1"},
    {"ffp", "20.4", "Asynchronous Message 4 gets a Text Request or a Logout within its time.", "11.9.1"},
};

constexpr row er[] = {
    {"er", "1.1", "A command that was retried for nothing, because its answer was under way, ends once.", "7.2.1"},
    {"er", "1.2", "A command whose immediate data the target rejects for its digest is sent again with its CmdSN and all its data.", "7.8, 7.3, 7.2.1"},
    {"er", "2.1", "A write goes on over another connection, by TASK REASSIGN after a recovery logout of its own.", "7.2.2, 11.14.1"},
    {"er", "2.2", "A read likewise, from the first Data-In that is missing.", "7.2.2, 11.5.6, 11.14.1"},
    {"er", "2.3", "A write goes on after its connection was reinstated, the login being the logout.", "6.3.4, 7.2.2"},
    {"er", "2.4", "A read likewise.", "6.3.4, 7.2.2, 11.5.6"},
    {"er", "3.1", "A missing R2T is asked for by a Data/R2T SNACK and answered when it comes.", "11.16, 7.9"},
    {"er", "3.2", "A single missing Data-In is asked for, and the command ends when it has come.", "11.16, 7.9"},
    {"er", "3.3", "A run of missing Data-In is asked for as a run.", "11.16.6, 11.16.7"},
    {"er", "3.4", "Where all Data-In are missing the whole is asked for.", "11.16.6, 11.16.7, 7.9"},
    {"er", "3.5", "A missing response is asked for by a Status SNACK; nothing behind it is acknowledged before.", "11.16, 7.9"},
    {"er", "3.6", "A Data-In with a wrong data digest counts as missing and is asked for.", "7.8"},
    {"er", "3.7", "A response with a wrong data digest counts as missing and is asked for.", "7.8"},
    {"er", "3.8", "Where the target rejects the SNACK the command fails or is issued anew, and is no success.", "7.8"},
};
// clang-format on

}  // namespace

std::span<const row> error_recovery_rows() {
    return er;
}

std::span<const row> full_feature_rows() {
    return ffp;
}

std::string row_key(std::string_view test_name) {
    const auto end = test_name.find('_');
    if (end == std::string_view::npos) return {};
    std::string key(test_name.substr(0, end));
    char separator = ' ';
    for (auto rest = test_name.substr(end + 1);
         !rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) != 0;) {
        const auto length = rest.find('_');
        key += separator + std::string(rest.substr(0, length));
        separator = '.';
        rest = length == std::string_view::npos ? std::string_view() : rest.substr(length + 1);
    }
    return separator == '.' ? key : std::string();
}

std::string row_key(const row& one) {
    return std::string(one.suite) + " " + std::string(one.number);
}

}  // namespace persiscsi::conformance
