// SPDX-License-Identifier: MIT
// The stack machine that a pickle is written for, without anything that could run: values live in
// one pool and name each other by index, since a pickle can make circles. One use, one thread.
// Throws Error{BadInput} naming the file and what was found.
#pragma once

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/byte_cursor.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace depthscope::io {

enum class PickleKind {
    None,
    Truth,
    Whole,
    Real,
    Text,
    Tuple,
    List,
    Dict,
    Global,
    Storage,
    Tensor,
    Opaque ///< may stand in a pickle, and nothing here reads it
};

struct PickleValue {
    using Index = std::uint32_t;

    PickleKind kind = PickleKind::None;
    std::int64_t number = 0;    ///< Whole, Truth; elements of a Storage; place of a Tensor
    std::string text{};         ///< Text, Global; key of a Storage; what an Opaque is
    std::vector<Index> items{}; ///< Tuple, List; keys and values of a Dict; type of a Storage
};

class PickleStack {
public:
    using Index = PickleValue::Index;

    PickleStack(std::string_view pickle, const std::string& file)
        : m_pickle(pickle, file) {}

    [[noreturn]] void reject(const std::string& what) const {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", m_pickle.file(), what),
                    "Only state dictionaries of tensors are read; no code is run. Convert other "
                    "files to model.safetensors with the program that wrote them.");
    }

    /// Does what an opcode asks for that only makes, keeps or collects plain values. False: it is
    /// another one.
    bool stepPlain(char opcode);

    [[nodiscard]] ByteCursor& input() { return m_pickle; }

    [[nodiscard]] PickleValue& value(Index index) { return m_values[index]; }

    /// The value, which must be of this kind; `what` names it in the error.
    [[nodiscard]] PickleValue& expect(Index index, PickleKind kind, const char* what);

    Index add(PickleValue value);
    Index pop();

    void push(PickleValue value) { m_stack.push_back(add(std::move(value))); }

    void pushIndex(Index index) { m_stack.push_back(index); }

    /// The items of a tuple, few enough for a constructor: looked at before they are copied, since
    /// a pickle may hand the same millions to every call.
    std::vector<Index> argumentsOf(Index tuple, const char* what);

private:
    static constexpr Index kMark = UINT32_MAX;

    bool pushPlain(char opcode);
    bool pushText(char opcode);
    bool memoize(char opcode);
    bool collect(char opcode);
    PickleValue takeLong();
    std::vector<Index> popToMark();
    void get(std::uint64_t key);
    void putTuple(std::size_t count);
    void appendTo(PickleKind kind, const std::vector<Index>& items);

    ByteCursor m_pickle;
    std::vector<PickleValue> m_values;
    std::vector<Index> m_stack;
    std::unordered_map<std::uint64_t, Index> m_memo;
};

/// A value that nothing here reads.
[[nodiscard]] PickleValue opaqueValue(std::string_view what);

} // namespace depthscope::io
