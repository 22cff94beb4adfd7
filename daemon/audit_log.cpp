// SPDX-License-Identifier: Apache-2.0
#include "daemon/audit_log.hpp"

#include "daemon/replies.hpp"
#include "persistence/errors.hpp"

#include <boost/json/serialize.hpp>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t file_size = std::size_t{10} << 20;  // bytes
constexpr std::size_t older_files = 4;

const json::array* results_in(const json::value& answer) {
    const auto* object = answer.if_object();
    const auto* results = object != nullptr ? object->if_contains("results") : nullptr;
    return results != nullptr ? results->if_array() : nullptr;
}

}  // namespace

audit_log::audit_log(const std::filesystem::path& file) {
    try {
        auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_st>(file.native(), file_size, older_files);
        lines_ = std::make_shared<spdlog::logger>("audit", std::move(sink));
    } catch (const spdlog::spdlog_ex& error) {
        throw persistence::store_error(persistence::store_errc::io, "open the audit log", file.native(), error.what());
    }
    lines_->set_pattern("%v");
    lines_->flush_on(spdlog::level::info);
    lines_->set_error_handler([](const std::string& reason) { spdlog::error("audit=failed reason=\"{}\"", reason); });
}

void audit_log::record(const peer& who, std::string_view request, unsigned status, const json::value& answer) {
    json::object line{{"time", time_text(persistence::time_now())},
                      {"uid", who.uid},
                      {"gid", who.gid},
                      {"pid", who.pid},
                      {"request", request},
                      {"status", status}};
    const auto* results = results_in(answer);
    if (results == nullptr) {
        line["answer"] = answer;
        lines_->info(json::serialize(line));
        return;
    }
    for (const auto& item : *results) {
        line["item"] = item;
        lines_->info(json::serialize(line));
    }
}

}  // namespace persiscsi::daemon
