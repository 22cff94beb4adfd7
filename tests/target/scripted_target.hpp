// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/async_message.hpp"
#include "tests/target/target_options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace persiscsi::target {

struct connection_info {
    std::uint16_t cid = 0;
    std::string initiator_address;
    bool header_digest = false;
    bool data_digest = false;
    std::size_t tasks = 0;  ///< allegiant to it
};

struct session_info {
    std::uint64_t isid = 0;
    std::uint16_t tsih = 0;
    std::string initiator_name;
    std::string target;             ///< empty for a discovery session
    bool connected = true;          ///< false: its last connection is lost, it is kept for Time2Retain
    std::string initiator_address;  ///< with both digests: of the connection that logged in last
    bool header_digest = false;
    bool data_digest = false;
    std::size_t tasks = 0;
    std::vector<connection_info> connections;  ///< by CID
};

/// Since start. `logins` counts sessions that reached Full Feature Phase, `bytes_…` data segments of SCSI data.
struct target_counters {
    std::uint64_t connections = 0;
    std::uint64_t logins = 0;
    std::uint64_t failed_logins = 0;
    std::uint64_t discoveries = 0;
    std::uint64_t logouts = 0;
    std::uint64_t reinstatements = 0;             ///< of sessions
    std::uint64_t further_connections = 0;        ///< added to sessions that had one
    std::uint64_t connection_reinstatements = 0;  ///< the same CID again
    std::uint64_t repeated_requests = 0;          ///< retries of what was here already
    std::uint64_t data_snacks = 0;                ///< Data/R2T
    std::uint64_t status_snacks = 0;
    std::uint64_t data_acks = 0;
    std::uint64_t r_data_snacks = 0;
    std::uint64_t recovery_r2ts = 0;  ///< R2Ts for Data-Out that was lost
    std::uint64_t reassigns = 0;      ///< tasks that changed their connection
    std::uint64_t commands = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t nop_in_answers = 0;
    std::uint64_t text_requests = 0;  ///< in Full Feature Phase
    std::uint64_t faults = 0;         ///< steps of the script that were carried out
};

/// An iSCSI target in RAM for tests, benchmarks and the demo: one portal, one thread, scripted faults.
///
/// All of its work happens in handlers of the io_context given, which the owner runs on one thread. Every member may be
/// called from any thread but not from within `server_options::log`; it takes effect before it returns. Destruction
/// stops. The io_context must outlive it.
class scripted_target {
  public:
    /// Listens when it returns. Throws std::system_error (address in use …) or std::invalid_argument (options, with the
    /// reason).
    scripted_target(boost::asio::io_context& io, server_options options);
    ~scripted_target();
    scripted_target(const scripted_target&) = delete;
    scripted_target& operator=(const scripted_target&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::vector<session_info> sessions() const;
    [[nodiscard]] target_counters counters() const;

    /// What initiators did against RFC 7143, one line each with PDU, field, got and allowed; the first 1000 are kept.
    [[nodiscard]] std::vector<std::string> violations() const;

    /// The memory behind the LUNs; give it to the next scripted_target to play a target that restarts.
    [[nodiscard]] std::shared_ptr<ram_store> store() const;

    /// Replaces the script; its PDU counts start anew. An empty one ends all faults, freeze included.
    void set_script(fault_script script);

    void drop_all_connections();

    /// To every connection in Full Feature Phase, without waiting for an answer.
    void ping();
    /// Likewise, with what the event announces, as fault::async says. `cid` not 0: only to connections with that CID.
    void send_async(const fault::async& event, std::uint16_t cid = 0);
    void send_async(pdu::async_event event,
                    std::uint16_t parameter1,
                    std::uint16_t parameter2,
                    std::uint16_t parameter3);

    /// Closes listener, connections and sessions. Idempotent; the port is free when it returns.
    void stop();

  private:
    class server_holder;
    std::unique_ptr<server_holder> server_;
};

}  // namespace persiscsi::target
