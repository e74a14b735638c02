// SPDX-License-Identifier: MIT
// Loading streams: at its peak it needs less than 1.15 times the weights as they are loaded,
// counted by our own allocator, whatever the file's format and element type.
#include "engine/io/safetensors.h"
#include "engine/nn/memory.h"
#include "tests/engine/io/io_test.h"
#include "tests/engine/model_fixture.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;

class TestWeightMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { nn::installCountingAllocator(); }

    void peak_data();
    void peak();

private:
    /// Every key is written, shared ones and the head too.
    static void writeAll(models::LanguageModel& model,
                         const std::filesystem::path& folder,
                         at::ScalarType dtype,
                         bool sharded);
};

void TestWeightMemory::peak_data() {
    QTest::addColumn<int>("stored");
    QTest::addColumn<int>("loaded");
    QTest::addColumn<bool>("aliases");
    QTest::addColumn<bool>("sharded");
    const int f32 = static_cast<int>(at::kFloat);
    const int f16 = static_cast<int>(at::kHalf);
    const int b16 = static_cast<int>(at::kBFloat16);
    QTest::newRow("F32 as float32") << f32 << f32 << false << false;
    QTest::newRow("F32 as bfloat16") << f32 << b16 << false << false;
    QTest::newRow("BF16 as float32") << b16 << f32 << false << false;
    QTest::newRow("F16 as bfloat16, all aliases") << f16 << b16 << true << false;
    QTest::newRow("F32 as bfloat16, all aliases") << f32 << b16 << true << false;
    QTest::newRow("BF16 as bfloat16, shards with aliases") << b16 << b16 << true << true;
}

void TestWeightMemory::writeAll(models::LanguageModel& model,
                                const std::filesystem::path& folder,
                                at::ScalarType dtype,
                                bool sharded) {
    std::vector<io::NamedTensor> parts[2];
    nlohmann::json map;
    std::size_t count = 0;
    models::visitWeights(model.config(), model.weights(),
                         [&](const spec::WeightSlot& slot, at::Tensor& tensor) {
                             if (tensor.defined()) {
                                 const std::size_t part = sharded ? count++ % 2 : 0;
                                 parts[part].push_back({slot.key, tensor.to(dtype)});
                                 map[slot.key] = std::to_string(part) + ".safetensors";
                             }
                         });
    if (!sharded) {
        io::writeSafetensors(folder / "model.safetensors", parts[0]);
        return;
    }
    std::filesystem::remove(folder / "model.safetensors");
    io::writeSafetensors(folder / "0.safetensors", parts[0]);
    io::writeSafetensors(folder / "1.safetensors", parts[1]);
    std::ofstream(folder / "model.safetensors.index.json")
        << nlohmann::json{{"weight_map", map}}.dump();
}

void TestWeightMemory::peak() {
    QFETCH(int, stored);
    QFETCH(int, loaded);
    QFETCH(bool, aliases);
    QFETCH(bool, sharded);
    const IoFolder folder;
    spec::LanguageSpec config = smallMor(spec::RouterType::Expert);
    config.vocabulary = 12'000;
    config.width = 256;
    config.ffn = 1024;
    config.headDim = 64;
    const auto dtype = static_cast<at::ScalarType>(stored);
    {
        models::LanguageModel model = randomModel(config);
        io::saveModel(model, folder.path(), dtype);
        if (aliases) {
            writeAll(model, folder.path(), dtype, sharded);
        }
    }
    const std::int64_t before = nn::memoryUse(at::kCPU).used;
    nn::resetPeakMemory(at::kCPU);
    io::LoadOptions options;
    options.dtype = static_cast<at::ScalarType>(loaded);
    const io::LoadedModel model = io::loadModel(folder.path(), options);
    const auto weights = static_cast<double>(nn::memoryUse(at::kCPU).used - before);
    const auto peak = static_cast<double>(nn::memoryUse(at::kCPU).peak - before);
    QVERIFY(weights >= 2.0 * 7'000'000);
    QVERIFY2(peak < 1.15 * weights,
             qPrintable(QString("%1 times the weights").arg(peak / weights)));
    qInfo("peak: %.3f times the weights", peak / weights);
}

QTEST_APPLESS_MAIN(TestWeightMemory)
#include "tst_weight_memory.moc"
