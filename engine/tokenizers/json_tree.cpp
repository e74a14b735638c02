// SPDX-License-Identifier: MIT
#include "engine/tokenizers/json_tree.h"

#include "engine/base/json.h"

#include <algorithm>
#include <stdexcept>

namespace depthscope::tokenizers {

using nlohmann::json;

namespace {

/// Builds the tree and the tables.
class TreeBuilder final : public nlohmann::json_sax<json> {
public:
    explicit TreeBuilder(JsonTables& tables)
        : m_tables(tables) {}

    json takeRoot() { return std::move(m_root); }

    bool null() override { return put(nullptr); }

    bool boolean(bool value) override { return put(value); }

    bool number_integer(number_integer_t value) override {
        return m_table == Table::None ? put(value) : putInTable(value);
    }

    bool number_unsigned(number_unsigned_t value) override {
        constexpr auto kMost =
            static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
        return m_table == Table::None
                   ? put(value)
                   : putInTable(static_cast<std::int64_t>(std::min(value, kMost)));
    }

    bool number_float(number_float_t value, const string_t&) override { return put(value); }

    bool string(string_t& value) override {
        return m_table == Table::None ? put(std::move(value)) : putInTable(value);
    }

    bool binary(binary_t&) override { return true; } // not JSON

    bool start_object(std::size_t) override { return open(json::object()); }

    bool start_array(std::size_t) override { return open(json::array()); }

    bool end_object() override { return close(); }

    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (m_table == Table::Vocabulary && m_depth == kTableDepth) {
            m_tables.vocabulary.emplace_back(std::move(name), JsonTables::kNoNumber);
        } else if (m_table == Table::None) {
            m_key = std::move(name);
        }
        return true;
    }

    bool parse_error(std::size_t position,
                     const std::string&,
                     const nlohmann::detail::exception&) override {
        throw std::invalid_argument(notJsonAt(position));
    }

private:
    enum class Table { None, Vocabulary, Merges };

    static constexpr std::size_t kTableDepth = 3; ///< inside {"model": {"vocab": {

    template <class Value>
    json* add(Value&& value) {
        if (m_open.empty()) {
            m_root = std::forward<Value>(value);
            return &m_root;
        }
        json& parent = *m_open.back();
        if (parent.is_array()) {
            return &parent.emplace_back(std::forward<Value>(value));
        }
        json& member = (*parent.get_ptr<json::object_t*>())[m_key];
        member = std::forward<Value>(value);
        return &member;
    }

    template <class Value>
    bool put(Value&& value) {
        if (m_table == Table::None) {
            add(std::forward<Value>(value));
        } else if (m_table == Table::Merges && m_depth == kTableDepth) {
            m_tables.merges.emplace_back();
        }
        return true; // in the vocabulary it stays kNoNumber
    }

    bool putInTable(std::int64_t number) {
        if (m_table == Table::Vocabulary && m_depth == kTableDepth) {
            m_tables.vocabulary.back().second = number;
            return true;
        }
        return put(number);
    }

    bool putInTable(string_t& text) {
        if (m_table != Table::Merges) {
            return put(nullptr);
        }
        auto& merges = m_tables.merges;
        if (m_depth > kTableDepth) {
            if (m_depth == kTableDepth + 1 && m_half < 2) {
                merges.back()[m_half] = std::move(text);
            } else {
                merges.back() = {};
            }
            ++m_half;
            return true;
        }
        merges.emplace_back();
        const std::size_t space = text.find(' ');
        if (space != string_t::npos && text.find(' ', space + 1) == string_t::npos) {
            merges.back() = {text.substr(0, space), text.substr(space + 1)};
        }
        return true;
    }

    bool open(json&& container) {
        if (++m_depth > kDeepestJson) {
            throw std::invalid_argument("is nested too deeply");
        }
        if (m_table != Table::None) {
            m_half = 0;
            if (m_table == Table::Merges && m_depth == kTableDepth + 1) {
                m_tables.merges.emplace_back();
            }
            return true;
        }
        if (m_depth == kTableDepth && m_open.size() == 2 && m_inModel) {
            m_table = container.is_object() && m_key == "vocab"   ? Table::Vocabulary
                      : container.is_array() && m_key == "merges" ? Table::Merges
                                                                  : Table::None;
        }
        if (m_depth == 2) {
            m_inModel = m_key == "model" && container.is_object();
        }
        m_open.push_back(add(std::move(container)));
        return true;
    }

    bool close() {
        if (m_table == Table::Merges && m_depth == kTableDepth + 1 && m_half != 2) {
            m_tables.merges.back() = {};
        }
        if (m_table == Table::None || m_depth == kTableDepth) {
            m_table = Table::None;
            m_open.pop_back();
        }
        --m_depth;
        return true;
    }

    JsonTables& m_tables;
    json m_root;
    std::vector<json*> m_open; ///< containers from the root to the one that is read
    std::size_t m_depth = 0;
    std::string m_key;
    bool m_inModel = false;
    Table m_table = Table::None;
    std::size_t m_half = 0; ///< of a merge in brackets
};

} // namespace

JsonFile readTables(std::string_view text, const std::string& name, JsonTables& tables) {
    try {
        TreeBuilder builder(tables);
        json::sax_parse(text.data(), text.data() + text.size(), &builder);
        return JsonFile::parsed(builder.takeRoot(), name);
    } catch (const std::invalid_argument& error) {
        refuseDocument(name, error.what());
    }
}

} // namespace depthscope::tokenizers
