// SPDX-License-Identifier: MIT
#include "engine/io/pickle_reader.h"

#include "engine/base/text.h"
#include "engine/io/pickle_globals.h"
#include "engine/io/pickle_stack.h"
#include "engine/io/torch_storage.h"

#include <utility>

namespace depthscope::io {

namespace {

constexpr std::size_t kMaximumDimensions = 8;
constexpr std::size_t kMaximumKey = 64;    ///< of a storage: a number
constexpr std::size_t kMaximumName = 4096; ///< of a tensor

using Index = PickleValue::Index;

/// Reads the calls that make tensors.
class Machine {
public:
    Machine(std::string_view pickle, const std::string& file)
        : m_stack(pickle, file) {}

    std::map<std::string, PickledTensor> run();

private:
    void step(char opcode);
    void pushGlobal(std::string_view module, std::string_view name);
    void pushStorage();
    void reduce();
    /// What a constructor makes.
    Index make(const std::string& name, const std::vector<Index>& given);
    Index rebuildTensor(const std::vector<Index>& given);
    std::vector<std::int64_t> sizes(Index tuple);
    std::map<std::string, PickledTensor> tensorsOf(Index dictionary);

    PickleStack m_stack;
    std::vector<PickledTensor> m_tensors;
};

void Machine::pushGlobal(std::string_view module, std::string_view name) {
    if (!isAllowedGlobal(module, name)) {
        m_stack.reject(fmt::format("the pickle references \"{}.{}\", which is not a tensor type",
                                   module.substr(0, 60), name.substr(0, 60)));
    }
    m_stack.push({.kind = PickleKind::Global, .text = std::string(name)});
}

/// BINPERSID: ('storage', type, key, place, elements)
void Machine::pushStorage() {
    constexpr std::size_t kParts = 5;
    const std::vector<Index> parts = m_stack.argumentsOf(m_stack.pop(), "a storage");
    if (parts.size() != kParts ||
        m_stack.expect(parts[0], PickleKind::Text, "\"storage\"").text != "storage") {
        m_stack.reject("the pickle has a storage reference of unknown form");
    }
    static_cast<void>(m_stack.expect(parts[1], PickleKind::Global, "the type of a storage"));
    if (m_stack.expect(parts[2], PickleKind::Text, "the key of a storage").text.size() >
        kMaximumKey) {
        m_stack.reject(
            fmt::format("the pickle has a storage key of more than {} bytes", kMaximumKey));
    }
    PickleValue storage{
        .kind = PickleKind::Storage,
        .number = m_stack.expect(parts[4], PickleKind::Whole, "the size of a storage").number,
        .text = m_stack.value(parts[2]).text,
        .items = {parts[1]}};
    m_stack.push(std::move(storage));
}

std::vector<std::int64_t> Machine::sizes(Index tuple) {
    const PickleValue& value = m_stack.expect(tuple, PickleKind::Tuple, "a shape");
    if (value.items.size() > kMaximumDimensions) {
        m_stack.reject(fmt::format("a tensor has {} dimensions", value.items.size()));
    }
    std::vector<std::int64_t> result;
    for (const Index item : value.items) {
        result.push_back(m_stack.expect(item, PickleKind::Whole, "a size").number);
    }
    return result;
}

/// (storage, offset, shape, strides, requires_grad, hooks, what is still to be done to it)
Index Machine::rebuildTensor(const std::vector<Index>& given) {
    if (given.size() < 4) {
        m_stack.reject("the pickle has an incomplete tensor");
    }
    const PickleValue& storage = m_stack.expect(given[0], PickleKind::Storage, "a storage");
    const std::string& type = m_stack.value(storage.items[0]).text;
    if (storageDtype(type) == at::ScalarType::Undefined) {
        if (unreadableStorage(type).empty()) {
            m_stack.reject(fmt::format("the pickle has a storage of unknown type {}", type));
        }
        return m_stack.add(opaqueValue(unreadableStorage(type)));
    }
    if (given.size() > 6 && !m_stack.value(given[6]).items.empty()) {
        return m_stack.add(opaqueValue("a tensor that is stored lazily negated or conjugated"));
    }
    if (m_stack.expect(given[2], PickleKind::Tuple, "a shape").items.size() > kMaximumDimensions) {
        return m_stack.add(opaqueValue("a tensor of more than 8 dimensions"));
    }
    m_tensors.push_back({.unreadable = {},
                         .dtype = storageDtype(type),
                         .storageKey = storage.text,
                         .storageElements = storage.number,
                         .offset = m_stack.expect(given[1], PickleKind::Whole, "an offset").number,
                         .shape = sizes(given[2]),
                         .strides = sizes(given[3])});
    return m_stack.add(
        {.kind = PickleKind::Tensor, .number = static_cast<std::int64_t>(m_tensors.size()) - 1});
}

void Machine::reduce() {
    const std::vector<Index> given = m_stack.argumentsOf(m_stack.pop(), "a list of arguments");
    const std::string name =
        m_stack.expect(m_stack.pop(), PickleKind::Global, "a constructor").text;
    m_stack.pushIndex(make(name, given));
}

Index Machine::make(const std::string& name, const std::vector<Index>& given) {
    constexpr std::size_t kDtype = 6;
    if (name == "_rebuild_tensor_v2") {
        return rebuildTensor(given);
    }
    if (name == "_rebuild_tensor_v3" && given.size() > kDtype) {
        return m_stack.add(opaqueValue(fmt::format(
            "a {} tensor", m_stack.expect(given[kDtype], PickleKind::Global, "a type").text)));
    }
    if (name.starts_with("_rebuild_parameter") && !given.empty()) {
        return given[0];
    }
    if (name == "_rebuild_from_type_v2" && given.size() > 2) { // (function, type, arguments, ..)
        const std::string function =
            m_stack.expect(given[0], PickleKind::Global, "a constructor").text;
        if (function == name) {
            m_stack.reject(fmt::format("the pickle calls {} with unexpected arguments", name));
        }
        return make(function, m_stack.argumentsOf(given[2], "a list of arguments"));
    }
    if ((name == "OrderedDict" || name == "dict") && given.empty()) {
        return m_stack.add({.kind = PickleKind::Dict});
    }
    const std::string_view makes = unreadableOf(name);
    if (makes.empty()) {
        m_stack.reject(fmt::format("the pickle calls {} with unexpected arguments", name));
    }
    return m_stack.add(opaqueValue(makes));
}

void Machine::step(char opcode) {
    if (m_stack.stepPlain(opcode)) {
        return;
    }
    switch (opcode) {
    case '\x80': // PROTO
        static_cast<void>(m_stack.input().take(1));
        break;
    case '\x95': // FRAME
        static_cast<void>(m_stack.input().take(8));
        break;
    case 'c': { // GLOBAL
        const std::string_view module = m_stack.input().takeLine();
        pushGlobal(module, m_stack.input().takeLine());
        break;
    }
    case '\x93': { // STACK_GLOBAL
        const std::string name = m_stack.expect(m_stack.pop(), PickleKind::Text, "a name").text;
        const std::string module = m_stack.expect(m_stack.pop(), PickleKind::Text, "a module").text;
        pushGlobal(module, name);
        break;
    }
    case 'Q':
        pushStorage();
        break;
    case 'R':
    case '\x81': // NEWOBJ
        reduce();
        break;
    case 'b': { // BUILD: the attributes of a dictionary (_metadata) say nothing about tensors
        static_cast<void>(m_stack.pop());
        const Index target = m_stack.pop();
        if (m_stack.value(target).kind != PickleKind::Opaque) {
            static_cast<void>(m_stack.expect(target, PickleKind::Dict, "a dictionary"));
        }
        m_stack.pushIndex(target);
        break;
    }
    default:
        m_stack.reject(fmt::format("the pickle uses opcode {}, which state dictionaries do not use",
                                   static_cast<unsigned>(static_cast<unsigned char>(opcode))));
    }
}

std::map<std::string, PickledTensor> Machine::tensorsOf(Index dictionary) {
    std::map<std::string, PickledTensor> tensors;
    const std::vector<Index>& items = m_stack.value(dictionary).items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const PickleValue& key = m_stack.value(items[i]);
        const PickleValue& value = m_stack.value(items[i + 1]);
        if (key.kind != PickleKind::Text) {
            continue;
        }
        if (key.text.size() > kMaximumName) {
            m_stack.reject(
                fmt::format("the pickle has a name of more than {} bytes", kMaximumName));
        }
        if (value.kind == PickleKind::Tensor) {
            tensors.insert_or_assign(key.text, m_tensors[static_cast<std::size_t>(value.number)]);
        } else if (value.kind == PickleKind::Opaque && value.text != kNoTensor) {
            PickledTensor tensor;
            tensor.unreadable = value.text;
            tensors.insert_or_assign(key.text, std::move(tensor));
        }
    }
    return tensors;
}

std::map<std::string, PickledTensor> Machine::run() {
    for (char opcode = m_stack.input().take(1)[0]; opcode != '.';
         opcode = m_stack.input().take(1)[0]) {
        step(opcode);
    }
    const Index root = m_stack.pop();
    const std::vector<Index> items =
        m_stack.expect(root, PickleKind::Dict, "the state dictionary").items;
    for (const std::string_view wrapper : {"state_dict", "model", "module"}) {
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
            if (m_stack.value(items[i]).text == wrapper &&
                m_stack.value(items[i + 1]).kind == PickleKind::Dict) {
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
