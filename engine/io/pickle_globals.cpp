// SPDX-License-Identifier: MIT
#include "engine/io/pickle_globals.h"

#include "engine/io/torch_storage.h"

#include <algorithm>
#include <array>
#include <utility>

namespace depthscope::io {

namespace {

/// All that a pickle may name, and what it makes where that cannot be read.
struct AllowedGlobal {
    std::string_view module;
    std::string_view name;
    std::string_view makes{}; ///< empty: read by Machine::reduce
};

constexpr std::array kGlobals = std::to_array<AllowedGlobal>({
    {"collections", "OrderedDict"},
    {"builtins", "dict"},
    {"torch._utils", "_rebuild_tensor_v2"},
    {"torch._utils", "_rebuild_tensor_v3"},
    {"torch._utils", "_rebuild_parameter"},
    {"torch._utils", "_rebuild_parameter_with_state"},
    {"torch._tensor", "_rebuild_from_type_v2"},
    {"torch._utils", "_rebuild_tensor", "a tensor in an old format"},
    {"torch._utils", "_rebuild_qtensor", "a quantised tensor"},
    {"torch._utils", "_rebuild_sparse_tensor", "a sparse tensor"},
    {"torch._utils", "_rebuild_sparse_csr_tensor", "a sparse tensor"},
    {"torch._utils", "_rebuild_meta_tensor_no_storage", "a tensor without data"},
    {"torch._utils", "_rebuild_nested_tensor", "a nested tensor"},
    {"torch._utils", "_rebuild_device_tensor_from_numpy", "a tensor on another device"},
    {"torch._utils", "_rebuild_device_tensor_from_cpu_tensor", "a tensor on another device"},
    {"torch._utils", "_rebuild_wrapper_subclass", "a tensor of a custom class"},
    {"torch.serialization", "_get_layout", kNoTensor},
    {"torch.nn.parameter", "Parameter", kNoTensor},
    {"torch", "Tensor", kNoTensor},
    {"torch", "Size", kNoTensor},
    {"torch", "device", kNoTensor},
    {"torch", "per_tensor_affine", kNoTensor},
    {"torch", "per_tensor_symmetric", kNoTensor},
    {"torch", "per_channel_affine", kNoTensor},
    {"torch", "per_channel_symmetric", kNoTensor},
    {"torch", "per_channel_affine_float_qparams", kNoTensor},
    {"_codecs", "encode", kNoTensor},
    {"collections", "Counter", kNoTensor},
    {"builtins", "bytearray", kNoTensor},
    {"builtins", "set", kNoTensor},
    {"builtins", "complex", kNoTensor},
    {"__builtin__", "bytearray", kNoTensor},
    {"__builtin__", "set", kNoTensor},
    {"__builtin__", "complex", kNoTensor},
});

/// torch's element types are globals too.
constexpr std::array kDtypes = std::to_array<std::string_view>({"float64",
                                                                "float32",
                                                                "float16",
                                                                "bfloat16",
                                                                "float",
                                                                "double",
                                                                "half",
                                                                "int64",
                                                                "int32",
                                                                "int16",
                                                                "int8",
                                                                "uint8",
                                                                "uint16",
                                                                "uint32",
                                                                "uint64",
                                                                "long",
                                                                "int",
                                                                "short",
                                                                "bool",
                                                                "complex32",
                                                                "complex64",
                                                                "complex128",
                                                                "float8_e4m3fn",
                                                                "float8_e5m2",
                                                                "float8_e4m3fnuz",
                                                                "float8_e5m2fnuz",
                                                                "float8_e8m0fnu",
                                                                "float4_e2m1fn_x2",
                                                                "qint8",
                                                                "quint8",
                                                                "qint32",
                                                                "quint4x2",
                                                                "quint2x4"});

/// Storage classes whose elements are not read.
constexpr std::array kStorages = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"UntypedStorage", "a tensor without an element type"},
    {"TypedStorage", "a tensor without an element type"},
    {"ComplexFloatStorage", "a complex64 tensor"},
    {"ComplexDoubleStorage", "a complex128 tensor"},
    {"QInt8Storage", "a quantised tensor"},
    {"QUInt8Storage", "a quantised tensor"},
    {"QInt32Storage", "a quantised tensor"},
    {"QUInt4x2Storage", "a quantised tensor"},
    {"QUInt2x4Storage", "a quantised tensor"},
});

} // namespace

bool isAllowedGlobal(std::string_view module, std::string_view name) {
    const auto isThis = [&](const AllowedGlobal& global) {
        return global.module == module && global.name == name;
    };
    if (std::ranges::any_of(kGlobals, isThis)) {
        return true;
    }
    if (module != "torch" && module != "torch.storage") {
        return false;
    }
    return storageDtype(name) != at::ScalarType::Undefined || !unreadableStorage(name).empty() ||
           (module == "torch" && std::ranges::find(kDtypes, name) != kDtypes.end());
}

std::string_view unreadableOf(std::string_view name) {
    const auto* global = std::ranges::find(kGlobals, name, &AllowedGlobal::name);
    return global == kGlobals.end() ? std::string_view() : global->makes;
}

std::string_view unreadableStorage(std::string_view storage) {
    const auto* found = std::ranges::find(kStorages, storage,
                                          &std::pair<std::string_view, std::string_view>::first);
    return found == kStorages.end() ? std::string_view() : found->second;
}

} // namespace depthscope::io
