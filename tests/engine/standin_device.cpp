// SPDX-License-Identifier: MIT
#include "tests/engine/standin_device.h"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <cstdlib>
#include <set>

namespace depthscope::tests {

namespace {

constexpr auto kType = c10::DeviceType::PrivateUse1;
constexpr c10::DispatchKeySet kKeys(c10::DispatchKey::PrivateUse1);

std::vector<std::string>& waits() {
    thread_local std::vector<std::string> list;
    return list;
}

/// Keeps the size in front of the data.
class StandInAllocator final : public c10::DeviceAllocator {
public:
    c10::DataPtr allocate(std::size_t bytes) override {
        auto* block = static_cast<char*>(std::aligned_alloc(kAlign, (bytes / kAlign + 2) * kAlign));
        std::memcpy(block, &bytes, sizeof bytes);
        used() += static_cast<std::int64_t>(bytes);
        return {block + kAlign, block + kAlign, &release, c10::Device(kType, 0)};
    }

    [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override { return &release; }

    bool initialized() override { return true; }

    void emptyCache(c10::MempoolId_t) override {}

    void recordStream(const c10::DataPtr&, c10::Stream) override {}

    c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override {
        c10::CachingDeviceAllocator::DeviceStats stats;
        stats.allocated_bytes[0].current = used();
        stats.reserved_bytes[0].current = used();
        return stats;
    }

    std::pair<std::size_t, std::size_t> getMemoryInfo(c10::DeviceIndex) override {
        constexpr std::size_t kBytes = std::size_t{1} << 34U;
        return {kBytes, kBytes};
    }

    void resetAccumulatedStats(c10::DeviceIndex) override {}

    void resetPeakStats(c10::DeviceIndex) override {}

    void copy_data(void* destination, const void* source, std::size_t bytes) const override {
        default_copy_data(destination, source, bytes);
    }

private:
    static constexpr std::size_t kAlign = 64;

    static std::int64_t& used() {
        static std::int64_t bytes = 0;
        return bytes;
    }

    static void release(void* data) {
        char* block = static_cast<char*>(data) - kAlign;
        std::size_t bytes = 0;
        std::memcpy(&bytes, block, sizeof bytes);
        used() -= static_cast<std::int64_t>(bytes);
        std::free(block);
    }
};

StandInAllocator g_allocator;

struct StandInGuard final : c10::impl::NoOpDeviceGuardImpl<kType> {
    [[nodiscard]] c10::Device exchangeDevice(c10::Device) const override { return getDevice(); }

    [[nodiscard]] c10::Device getDevice() const override { return {kType, 0}; }

    [[nodiscard]] c10::Stream getStream(c10::Device) const noexcept override {
        return c10::Stream(c10::Stream::DEFAULT, c10::Device(kType, 0));
    }
};

struct StandInHooks final : at::PrivateUse1HooksInterface {
    [[nodiscard]] bool isBuilt() const override { return true; }

    [[nodiscard]] bool isAvailable() const override { return true; }

    [[nodiscard]] bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }

    void resizePrivateUse1Bytes(const c10::Storage& storage, std::size_t bytes) const override {
        c10::DataPtr fresh = g_allocator.allocate(bytes);
        std::memcpy(fresh.get(), storage.data(), std::min(bytes, storage.nbytes()));
        storage.unsafeGetStorageImpl()->set_data_ptr(std::move(fresh));
        storage.unsafeGetStorageImpl()->set_nbytes(bytes);
    }
};

bool isHere(const at::Tensor& tensor) {
    return tensor.device().type() == kType;
}

/// The same memory, seen as the CPU's.
at::Tensor hostView(const at::Tensor& tensor) {
    return at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                         at::TensorOptions().dtype(tensor.scalar_type()));
}

at::Tensor emptyHere(c10::IntArrayRef size,
                     std::optional<at::ScalarType> dtype,
                     std::optional<at::Layout>,
                     std::optional<at::Device>,
                     std::optional<bool>,
                     std::optional<at::MemoryFormat> format) {
    return at::Tensor(
        at::detail::empty_generic(size, &g_allocator, kKeys, dtype.value_or(at::kFloat), format));
}

at::Tensor emptyStridedHere(c10::IntArrayRef size,
                            c10::IntArrayRef stride,
                            std::optional<at::ScalarType> dtype,
                            std::optional<at::Layout>,
                            std::optional<at::Device>,
                            std::optional<bool>) {
    return at::Tensor(at::detail::empty_strided_generic(size, stride, &g_allocator, kKeys,
                                                        dtype.value_or(at::kFloat)));
}

at::Tensor copyFrom(const at::Tensor& from, const at::Tensor& to, bool) {
    if (isHere(from) && !isHere(to)) {
        waits().emplace_back("copy to the host");
    }
    at::Tensor target = isHere(to) ? hostView(to) : to;
    target.copy_(isHere(from) ? hostView(from) : from);
    return to;
}

at::Tensor copyFromAndResize(const at::Tensor& from, const at::Tensor& to) {
    at::Tensor target = to;
    if (to.sizes() != from.sizes()) {
        const at::Tensor fresh =
            at::empty(from.sizes(), to.options()); // `out` of an operator: was empty
        target.set_(fresh);
    }
    hostView(target).copy_(isHere(from) ? hostView(from) : from);
    return to;
}

at::Scalar readScalar(const at::Tensor& tensor) {
    waits().emplace_back("value read");
    return hostView(tensor).item();
}

void requireOneDevice(const c10::OperatorHandle& op, const at::Tensor& tensor) {
    const bool wrong = tensor.defined() && !isHere(tensor) && tensor.dim() > 0;
    TORCH_CHECK(!wrong, op.schema().name(), ": expected all tensors on one device, got ",
                tensor.sizes(), " on the host");
}

/// Operators of LibTorch's CUDA half that read back what they computed, to check it or because
/// the result's shape depends on it.
const std::set<std::string>& waitingOperators() {
    static const std::set<std::string> names{
        "aten::nonzero",  "aten::masked_select", "aten::_unique2",   "aten::unique_dim",
        "aten::bincount", "aten::equal",         "aten::is_nonzero", "aten::repeat_interleave"};
    return names;
}

void runOnHost(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    const std::string& name = op.schema().name();
    for (const c10::IValue& argument : torch::jit::last(*stack, op.schema().arguments().size())) {
        if (argument.isTensor()) {
            requireOneDevice(op, argument.toTensor());
        } else if (argument.isTensorList()) {
            for (const at::Tensor& tensor : argument.toTensorList()) {
                requireOneDevice(op, tensor);
            }
        }
    }
    const std::size_t before = waits().size();
    at::native::cpu_fallback(op, stack, /*error_on_views=*/true);
    waits().resize(before); // the fallback's own copies are no part of the device's work
    if (waitingOperators().contains(name)) {
        waits().push_back(name);
    }
}

bool install() {
    c10::register_privateuse1_backend("standin");
    c10::SetAllocator(kType, &g_allocator);
    static const c10::impl::DeviceGuardImplRegistrar guard(kType, new StandInGuard); // kept
    at::RegisterPrivateUse1HooksInterface(new StandInHooks);                         // kept
    return true;
}

const bool g_installed = install();

} // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
    m.impl("empty.memory_format", emptyHere);
    m.impl("empty_strided", emptyStridedHere);
    m.impl("as_strided", at::native::as_strided_tensorimpl);
    m.impl("view", at::native::view);
    m.impl("_reshape_alias", at::native::_reshape_alias);
    m.impl("set_.source_Storage_storage_offset", at::native::set_storage_cpu_);
    m.impl("set_.source_Tensor", at::native::set_tensor_);
    m.impl("_copy_from", copyFrom);
    m.impl("_copy_from_and_resize", copyFromAndResize);
    m.impl("_local_scalar_dense", readScalar);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
    m.fallback(torch::CppFunction::makeFromBoxedFunction<&runOnHost>());
}

at::Device standInDevice() {
    TORCH_CHECK(g_installed);
    return {kType, 0};
}

std::vector<std::string> takeWaits() {
    return std::exchange(waits(), {});
}

} // namespace depthscope::tests
