// SPDX-License-Identifier: MIT
#include "engine/io/pickle_stack.h"

#include "engine/base/text.h"
#include "engine/io/pickle_globals.h"

#include <algorithm>

namespace depthscope::io {

namespace {

constexpr std::size_t kMaximumValues = 2'000'000;

} // namespace

PickleValue opaqueValue(std::string_view what) {
    return {.kind = PickleKind::Opaque, .text = std::string(what)};
}

bool PickleStack::stepPlain(char opcode) {
    return pushPlain(opcode) || pushText(opcode) || memoize(opcode) || collect(opcode);
}

/// LONG1: a length, then two's complement.
PickleValue PickleStack::takeLong() {
    const auto width = static_cast<std::size_t>(m_pickle.takeNumber(1));
    if (width > 8) {
        static_cast<void>(m_pickle.take(width));
        return opaqueValue(kNoTensor);
    }
    const std::uint64_t value = m_pickle.takeNumber(width);
    const bool negative = width > 0 && width < 8 && (value >> (8 * width - 1)) != 0;
    return {.kind = PickleKind::Whole,
            .number = static_cast<std::int64_t>(
                negative ? value | (~std::uint64_t{0} << (8 * width)) : value)};
}

PickleStack::Index PickleStack::add(PickleValue value) {
    if (m_values.size() >= kMaximumValues) {
        reject("the pickle has too many values");
    }
    m_values.push_back(std::move(value));
    return static_cast<Index>(m_values.size() - 1);
}

PickleStack::Index PickleStack::pop() {
    if (m_stack.empty() || m_stack.back() == kMark) {
        reject("the pickle pops a value from an empty stack");
    }
    const Index top = m_stack.back();
    m_stack.pop_back();
    return top;
}

PickleValue& PickleStack::expect(Index index, PickleKind kind, const char* what) {
    PickleValue& value = m_values[index];
    if (value.kind != kind) {
        reject(std::string("the pickle has an unexpected value in place of ") + what);
    }
    return value;
}

std::vector<PickleStack::Index> PickleStack::popToMark() {
    const auto mark = std::find(m_stack.rbegin(), m_stack.rend(), kMark);
    if (mark == m_stack.rend()) {
        reject("the pickle lacks a mark");
    }
    std::vector<Index> items(mark.base(), m_stack.end());
    m_stack.erase(mark.base() - 1, m_stack.end());
    return items;
}

void PickleStack::get(std::uint64_t key) {
    const auto found = m_memo.find(key);
    if (found == m_memo.end()) {
        reject("the pickle reads a memo entry that was never written");
    }
    m_stack.push_back(found->second);
}

void PickleStack::putTuple(std::size_t count) {
    std::vector<Index> items(count);
    for (std::size_t i = count; i-- > 0;) {
        items[i] = pop();
    }
    push({.kind = PickleKind::Tuple, .items = std::move(items)});
}

void PickleStack::appendTo(PickleKind kind, const std::vector<Index>& items) {
    const Index target = pop();
    if (m_values[target].kind != PickleKind::Opaque) {
        PickleValue& value =
            expect(target, kind, kind == PickleKind::List ? "a list" : "a dictionary");
        value.items.insert(value.items.end(), items.begin(), items.end());
    }
    m_stack.push_back(target);
}

std::vector<PickleStack::Index> PickleStack::argumentsOf(Index tuple, const char* what) {
    constexpr std::size_t kMost = 64;
    const PickleValue& value = expect(tuple, PickleKind::Tuple, what);
    if (value.items.size() > kMost) {
        reject(fmt::format("the pickle calls a constructor with {} arguments", value.items.size()));
    }
    return value.items;
}

bool PickleStack::pushPlain(char opcode) {
    switch (opcode) {
    case 'N':
        push({.kind = PickleKind::None});
        return true;
    case '\x88': // NEWTRUE
    case '\x89': // NEWFALSE
        push({.kind = PickleKind::Truth, .number = opcode == '\x88' ? 1 : 0});
        return true;
    case 'J': // BININT
        push({.kind = PickleKind::Whole,
              .number = static_cast<std::int32_t>(m_pickle.takeNumber(4))});
        return true;
    case 'K': // BININT1
    case 'M': // BININT2
        push({.kind = PickleKind::Whole,
              .number = static_cast<std::int64_t>(m_pickle.takeNumber(opcode == 'K' ? 1 : 2))});
        return true;
    case '\x8a': // LONG1
        push(takeLong());
        return true;
    case 'G': // BINFLOAT
        static_cast<void>(m_pickle.take(8));
        push({.kind = PickleKind::Real});
        return true;
    case '\x8f': // EMPTY_SET
        push(opaqueValue(kNoTensor));
        return true;
    case ')':
    case ']':
    case '}':
        push({.kind = opcode == ')'   ? PickleKind::Tuple
                      : opcode == ']' ? PickleKind::List
                                      : PickleKind::Dict});
        return true;
    default:
        return false;
    }
}

bool PickleStack::pushText(char opcode) {
    switch (opcode) {
    case 'X':    // BINUNICODE
    case '\x8c': // SHORT_BINUNICODE
        push({.kind = PickleKind::Text,
              .text = std::string(m_pickle.take(m_pickle.takeNumber(opcode == 'X' ? 4 : 1)))});
        return true;
    case 'U': // SHORT_BINSTRING
    case 'C': // SHORT_BINBYTES
    case 'T': // BINSTRING
    case 'B': // BINBYTES
    {
        const bool isShort = opcode == 'U' || opcode == 'C';
        const std::string_view bytes = m_pickle.take(m_pickle.takeNumber(isShort ? 1 : 4));
        push(opcode == 'U' || opcode == 'T'
                 ? PickleValue{.kind = PickleKind::Text, .text = std::string(bytes)}
                 : opaqueValue(kNoTensor));
        return true;
    }
    default:
        return false;
    }
}

bool PickleStack::memoize(char opcode) {
    switch (opcode) {
    case 'q':    // BINPUT
    case 'r':    // LONG_BINPUT
    case '\x94': // MEMOIZE
    {
        const std::uint64_t key =
            opcode == '\x94' ? m_memo.size() : m_pickle.takeNumber(opcode == 'q' ? 1 : 4);
        const Index top = pop();
        m_memo[key] = top;
        m_stack.push_back(top);
        return true;
    }
    case 'h': // BINGET
    case 'j': // LONG_BINGET
        get(m_pickle.takeNumber(opcode == 'h' ? 1 : 4));
        return true;
    default:
        return false;
    }
}

bool PickleStack::collect(char opcode) {
    switch (opcode) {
    case '(':
        m_stack.push_back(kMark);
        return true;
    case 't':
        push({.kind = PickleKind::Tuple, .items = popToMark()});
        return true;
    case '\x85': // TUPLE1
    case '\x86':
    case '\x87':
        putTuple(static_cast<std::size_t>(static_cast<unsigned char>(opcode)) - 0x84U);
        return true;
    case 'a': // APPEND
        appendTo(PickleKind::List, {pop()});
        return true;
    case 'e':    // APPENDS
    case '\x90': // ADDITEMS
        appendTo(PickleKind::List, popToMark());
        return true;
    case 's': { // SETITEM
        const Index value = pop();
        const Index key = pop();
        appendTo(PickleKind::Dict, {key, value});
        return true;
    }
    case 'u': { // SETITEMS
        const std::vector<Index> items = popToMark();
        if (items.size() % 2 != 0) {
            reject("the pickle has a key without a value");
        }
        appendTo(PickleKind::Dict, items);
        return true;
    }
    default:
        return false;
    }
}

} // namespace depthscope::io
