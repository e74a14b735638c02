// SPDX-License-Identifier: MIT
#include "engine/io/pickle_reader.h"

#include "engine/base/error.h"
#include "engine/io/byte_cursor.h"
#include "engine/io/torch_storage.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace depthscope::io {

namespace {

constexpr std::size_t kMaximumValues = 2'000'000;
constexpr std::size_t kMaximumDimensions = 8;

/// All that a pickle may name; everything else could be a program.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kGlobals{{
    {"collections", "OrderedDict"},
    {"torch._utils", "_rebuild_tensor_v2"},
    {"torch._utils", "_rebuild_parameter"},
    {"builtins", "dict"},
}};

enum class Kind { None, Truth, Whole, Real, Text, Tuple, List, Dict, Global, Storage, Tensor };

/// Values live in one pool and name each other by index: a pickle can make circles.
using Index = std::uint32_t;

struct Value {
    Kind kind = Kind::None;
    std::int64_t number = 0;    ///< Whole, Truth; elements of a Storage; place of a Tensor
    std::string text{};         ///< Text, Global; key of a Storage
    std::vector<Index> items{}; ///< Tuple, List; keys and values of a Dict; type of a Storage
};

class Machine {
public:
    Machine(std::string_view pickle, const std::string& file)
        : m_pickle(pickle, file) {}

    std::map<std::string, PickledTensor> run();

private:
    static constexpr Index kMark = UINT32_MAX;

    [[noreturn]] void reject(const std::string& what) const {
        throw Error(ErrorCode::BadInput, m_pickle.file() + ": " + what,
                    "Only state dictionaries of tensors are read, and no code is run. Convert "
                    "others to model.safetensors with the program that made them.");
    }

    std::int64_t takeLong();

    void step(char opcode);
    bool pushPlain(char opcode);
    bool memoize(char opcode);
    bool collect(char opcode);
    Index add(Value value);

    void push(Value value) { m_stack.push_back(add(std::move(value))); }

    Index pop();
    [[nodiscard]] Value& expect(Index index, Kind kind, const char* what);
    std::vector<Index> popToMark();
    void get(std::uint64_t key);
    void putTuple(std::size_t count);
    void appendTo(Kind kind, const std::vector<Index>& items);
    void pushGlobal(std::string_view module, std::string_view name);
    void pushStorage();
    void reduce();
    Index rebuildTensor(const std::vector<Index>& arguments);
    std::vector<std::int64_t> sizes(Index tuple);
    std::map<std::string, PickledTensor> tensorsOf(Index dictionary);

    ByteCursor m_pickle;
    std::vector<Value> m_values;
    std::vector<PickledTensor> m_tensors;
    std::vector<Index> m_stack;
    std::unordered_map<std::uint64_t, Index> m_memo;
};

/// LONG1: a length, then two's complement.
std::int64_t Machine::takeLong() {
    const auto width = static_cast<std::size_t>(m_pickle.takeNumber(1));
    if (width > 8) {
        reject("the pickle has a number of more than 64 bits");
    }
    const std::uint64_t value = m_pickle.takeNumber(width);
    const bool negative = width > 0 && width < 8 && (value >> (8 * width - 1)) != 0;
    return static_cast<std::int64_t>(negative ? value | (~std::uint64_t{0} << (8 * width)) : value);
}

Index Machine::add(Value value) {
    if (m_values.size() >= kMaximumValues) {
        reject("the pickle has absurdly many values");
    }
    m_values.push_back(std::move(value));
    return static_cast<Index>(m_values.size() - 1);
}

Index Machine::pop() {
    if (m_stack.empty() || m_stack.back() == kMark) {
        reject("the pickle takes a value that is not there");
    }
    const Index top = m_stack.back();
    m_stack.pop_back();
    return top;
}

Value& Machine::expect(Index index, Kind kind, const char* what) {
    Value& value = m_values[index];
    if (value.kind != kind) {
        reject(std::string("the pickle has another value where ") + what + " belongs");
    }
    return value;
}

std::vector<Index> Machine::popToMark() {
    const auto mark = std::find(m_stack.rbegin(), m_stack.rend(), kMark);
    if (mark == m_stack.rend()) {
        reject("the pickle has no mark where it needs one");
    }
    std::vector<Index> items(mark.base(), m_stack.end());
    m_stack.erase(mark.base() - 1, m_stack.end());
    return items;
}

void Machine::get(std::uint64_t key) {
    const auto found = m_memo.find(key);
    if (found == m_memo.end()) {
        reject("the pickle recalls a value that it never noted");
    }
    m_stack.push_back(found->second);
}

void Machine::putTuple(std::size_t count) {
    std::vector<Index> items(count);
    for (std::size_t i = count; i-- > 0;) {
        items[i] = pop();
    }
    push({.kind = Kind::Tuple, .items = std::move(items)});
}

void Machine::appendTo(Kind kind, const std::vector<Index>& items) {
    const Index target = pop();
    Value& value = expect(target, kind, kind == Kind::List ? "a list" : "a dictionary");
    value.items.insert(value.items.end(), items.begin(), items.end());
    m_stack.push_back(target);
}

void Machine::pushGlobal(std::string_view module, std::string_view name) {
    const bool storage = module == "torch" && storageDtype(name) != at::ScalarType::Undefined;
    const bool known =
        storage || std::ranges::find(kGlobals, std::pair(module, name)) != kGlobals.end();
    if (!known) {
        reject("the pickle asks for \"" + std::string(module.substr(0, 60)) + "." +
               std::string(name.substr(0, 60)) + "\", which is no tensor");
    }
    push({.kind = Kind::Global, .text = std::string(name)});
}

/// BINPERSID: ('storage', type, key, place, elements)
void Machine::pushStorage() {
    constexpr std::size_t kParts = 5;
    const std::vector<Index> parts = expect(pop(), Kind::Tuple, "a storage").items;
    if (parts.size() != kParts || expect(parts[0], Kind::Text, "\"storage\"").text != "storage") {
        reject("the pickle names a storage in an unknown way");
    }
    static_cast<void>(expect(parts[1], Kind::Global, "the type of a storage"));
    Value storage{.kind = Kind::Storage,
                  .number = expect(parts[4], Kind::Whole, "the size of a storage").number,
                  .text = expect(parts[2], Kind::Text, "the key of a storage").text,
                  .items = {parts[1]}};
    push(std::move(storage));
}

std::vector<std::int64_t> Machine::sizes(Index tuple) {
    const Value& value = expect(tuple, Kind::Tuple, "a shape");
    if (value.items.size() > kMaximumDimensions) {
        reject("a tensor has " + std::to_string(value.items.size()) + " dimensions");
    }
    std::vector<std::int64_t> result;
    for (const Index item : value.items) {
        result.push_back(expect(item, Kind::Whole, "a size").number);
    }
    return result;
}

/// (storage, offset, shape, strides, requires_grad, hooks)
Index Machine::rebuildTensor(const std::vector<Index>& arguments) {
    if (arguments.size() < 4) {
        reject("the pickle describes a tensor incompletely");
    }
    const Value& storage = expect(arguments[0], Kind::Storage, "a storage");
    m_tensors.push_back({.dtype = storageDtype(m_values[storage.items[0]].text),
                         .storageKey = storage.text,
                         .storageElements = storage.number,
                         .offset = expect(arguments[1], Kind::Whole, "an offset").number,
                         .shape = sizes(arguments[2]),
                         .strides = sizes(arguments[3])});
    return add({.kind = Kind::Tensor, .number = static_cast<std::int64_t>(m_tensors.size()) - 1});
}

void Machine::reduce() {
    const std::vector<Index> arguments = expect(pop(), Kind::Tuple, "a list of arguments").items;
    const std::string name = expect(pop(), Kind::Global, "a constructor").text;
    if (name == "_rebuild_tensor_v2") {
        m_stack.push_back(rebuildTensor(arguments));
    } else if (name == "_rebuild_parameter" && !arguments.empty()) {
        static_cast<void>(expect(arguments[0], Kind::Tensor, "a tensor"));
        m_stack.push_back(arguments[0]);
    } else if ((name == "OrderedDict" || name == "dict") && arguments.empty()) {
        push({.kind = Kind::Dict});
    } else {
        reject("the pickle calls " + name + " in an unknown way");
    }
}

bool Machine::pushPlain(char opcode) {
    switch (opcode) {
    case 'N':
        push({.kind = Kind::None});
        return true;
    case '\x88': // NEWTRUE
    case '\x89': // NEWFALSE
        push({.kind = Kind::Truth, .number = opcode == '\x88' ? 1 : 0});
        return true;
    case 'J': // BININT
        push({.kind = Kind::Whole, .number = static_cast<std::int32_t>(m_pickle.takeNumber(4))});
        return true;
    case 'K': // BININT1
    case 'M': // BININT2
        push({.kind = Kind::Whole,
              .number = static_cast<std::int64_t>(m_pickle.takeNumber(opcode == 'K' ? 1 : 2))});
        return true;
    case '\x8a': // LONG1
        push({.kind = Kind::Whole, .number = takeLong()});
        return true;
    case 'G': // BINFLOAT
        static_cast<void>(m_pickle.take(8));
        push({.kind = Kind::Real});
        return true;
    case 'X':    // BINUNICODE
    case '\x8c': // SHORT_BINUNICODE
        push({.kind = Kind::Text,
              .text = std::string(m_pickle.take(m_pickle.takeNumber(opcode == 'X' ? 4 : 1)))});
        return true;
    case ')':
    case ']':
    case '}':
        push({.kind = opcode == ')' ? Kind::Tuple : opcode == ']' ? Kind::List : Kind::Dict});
        return true;
    default:
        return false;
    }
}

bool Machine::memoize(char opcode) {
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

bool Machine::collect(char opcode) {
    switch (opcode) {
    case '(':
        m_stack.push_back(kMark);
        return true;
    case 't':
        push({.kind = Kind::Tuple, .items = popToMark()});
        return true;
    case '\x85': // TUPLE1
    case '\x86':
    case '\x87':
        putTuple(static_cast<std::size_t>(static_cast<unsigned char>(opcode)) - 0x84U);
        return true;
    case 'a': // APPEND
        appendTo(Kind::List, {pop()});
        return true;
    case 'e': // APPENDS
        appendTo(Kind::List, popToMark());
        return true;
    case 's': { // SETITEM
        const Index value = pop();
        const Index key = pop();
        appendTo(Kind::Dict, {key, value});
        return true;
    }
    case 'u': { // SETITEMS
        const std::vector<Index> items = popToMark();
        if (items.size() % 2 != 0) {
            reject("the pickle sets a key without value");
        }
        appendTo(Kind::Dict, items);
        return true;
    }
    default:
        return false;
    }
}

void Machine::step(char opcode) {
    if (pushPlain(opcode) || memoize(opcode) || collect(opcode)) {
        return;
    }
    switch (opcode) {
    case '\x80': // PROTO
        static_cast<void>(m_pickle.take(1));
        break;
    case '\x95': // FRAME
        static_cast<void>(m_pickle.take(8));
        break;
    case 'c': { // GLOBAL
        const std::string_view module = m_pickle.takeLine();
        pushGlobal(module, m_pickle.takeLine());
        break;
    }
    case '\x93': { // STACK_GLOBAL
        const std::string name = expect(pop(), Kind::Text, "a name").text;
        const std::string module = expect(pop(), Kind::Text, "a module").text;
        pushGlobal(module, name);
        break;
    }
    case 'Q':
        pushStorage();
        break;
    case 'R':
        reduce();
        break;
    case 'b': { // BUILD: the attributes of a dictionary (_metadata) say nothing about tensors
        static_cast<void>(pop());
        const Index target = pop();
        static_cast<void>(expect(target, Kind::Dict, "a dictionary"));
        m_stack.push_back(target);
        break;
    }
    default:
        reject("the pickle uses opcode " +
               std::to_string(static_cast<unsigned>(static_cast<unsigned char>(opcode))) +
               ", which no state dictionary needs");
    }
}

std::map<std::string, PickledTensor> Machine::tensorsOf(Index dictionary) {
    std::map<std::string, PickledTensor> tensors;
    const std::vector<Index>& items = m_values[dictionary].items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const Value& key = m_values[items[i]];
        const Value& value = m_values[items[i + 1]];
        if (key.kind == Kind::Text && value.kind == Kind::Tensor) {
            tensors.insert_or_assign(key.text, m_tensors[static_cast<std::size_t>(value.number)]);
        }
    }
    return tensors;
}

std::map<std::string, PickledTensor> Machine::run() {
    for (char opcode = m_pickle.take(1)[0]; opcode != '.'; opcode = m_pickle.take(1)[0]) {
        step(opcode);
    }
    const Index root = pop();
    const std::vector<Index> items = expect(root, Kind::Dict, "the state dictionary").items;
    for (const std::string_view wrapper : {"state_dict", "model", "module"}) {
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
            if (m_values[items[i]].text == wrapper && m_values[items[i + 1]].kind == Kind::Dict) {
                return tensorsOf(items[i + 1]);
            }
        }
    }
    return tensorsOf(root);
}

} // namespace

std::map<std::string, PickledTensor> readPickledTensors(std::string_view pickle,
                                                        const std::string& file) {
    return Machine(pickle, file).run();
}

} // namespace depthscope::io
