// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.hpp"

#include "cli/printable.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace persiscsi::cli {
namespace {

using name_value = std::vector<std::pair<std::string, std::string>>;

void append_line(std::string& to, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        if (i + 1 < cells.size()) line.append(widths[i] - cells[i].size() + 2, ' ');
    }
    to += line + '\n';
}

void flatten(const boost::json::object& object, const std::string& prefix, name_value& into) {
    for (const auto& member : object) {
        const auto name = prefix + std::string(member.key());
        const auto* inner = member.value().if_object();
        if (inner != nullptr && !inner->empty())
            flatten(*inner, name + ".", into);
        else
            into.emplace_back(printable(name), printable(cell_of(member.value())));
    }
}

}  // namespace

void text_table::add(const std::vector<std::string>& cells) {
    std::vector<std::string> row;
    for (const auto& cell : cells) row.push_back(printable(cell));
    row.resize(headings_.size());
    rows_.push_back(std::move(row));
}

std::string text_table::to_string() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        auto width = headings_[i].size();
        for (const auto& row : rows_) width = std::max(width, row[i].size());
        widths.push_back(width);
    }
    std::string result;
    append_line(result, headings_, widths);
    for (const auto& row : rows_) append_line(result, row, widths);
    return result;
}

std::string text_table::first_column() const {
    std::string result;
    for (const auto& row : rows_) result += row.front() + '\n';
    return result;
}

std::string cell_of(const boost::json::value& value) {
    if (value.is_null()) return "-";
    if (const auto* text = value.if_string()) return text->empty() ? "-" : std::string(*text);
    if (const auto* yes = value.if_bool()) return *yes ? "yes" : "no";
    std::string result;
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) result += (result.empty() ? "" : " ") + cell_of(member.value());
    } else if (const auto* list = value.if_array()) {
        for (const auto& item : *list) result += (result.empty() ? "" : ", ") + cell_of(item);
    } else {
        return boost::json::serialize(value);
    }
    return result.empty() ? "-" : result;
}

std::string cell_of(const boost::json::object& object, std::string_view member) {
    const auto* value = object.if_contains({member.data(), member.size()});
    return value != nullptr ? cell_of(*value) : "-";
}

text_table table_of(const boost::json::array& objects, const std::vector<table_column>& columns) {
    std::vector<std::string> headings;
    for (const auto& column : columns) headings.push_back(column.heading);
    text_table table(std::move(headings));
    for (const auto& object : objects) {
        std::vector<std::string> cells;
        for (const auto& column : columns) cells.push_back(cell_of(object.as_object(), column.member));
        table.add(cells);
    }
    return table;
}

std::string name_value_lines(const boost::json::object& object) {
    name_value lines;
    flatten(object, "", lines);
    std::size_t width = 0;
    for (const auto& [name, value] : lines) width = std::max(width, name.size());
    std::string result;
    for (const auto& [name, value] : lines) result += name + std::string(width - name.size() + 2, ' ') + value + '\n';
    return result;
}

}  // namespace persiscsi::cli
