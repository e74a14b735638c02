// SPDX-License-Identifier: MIT
// Which files of a folder are the weights, and shards that are missing or disagree (docs/routing.md
// 8: 30).
#include "engine/io/safetensors.h"
#include "tests/engine/io/io_test.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;
using nlohmann::json;

namespace {

/// Two shards: a in one.safetensors, b and c in two.safetensors.
json writeShards(const IoFolder& folder) {
    io::writeSafetensors(folder.path("one.safetensors"), {{"a", at::ones({2})}});
    io::writeSafetensors(folder.path("two.safetensors"),
                         {{"b", at::full({3}, 2.0)}, {"c", at::full({1}, 3.0)}});
    return json{{"metadata", {{"total_size", 24}}},
                {"weight_map",
                 {{"a", "one.safetensors"}, {"b", "two.safetensors"}, {"c", "two.safetensors"}}}};
}

} // namespace

class TestWeightIndex : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void shards() {
        const IoFolder folder;
        folder.write("model.safetensors.index.json", writeShards(folder).dump());
        io::WeightReader reader(io::findWeights(folder.path()));
        QCOMPARE(reader.entries().size(), std::size_t{3});
        QVERIFY(at::equal(reader.read("c"), at::full({1}, 3.0)));
        QVERIFY(at::equal(reader.read("a"), at::ones({2})));
        QVERIFY(at::equal(reader.read("b", at::kBFloat16), at::full({3}, 2.0, at::kBFloat16)));
    }

    void shardsOfTorch() {
        const IoFolder folder;
        std::filesystem::copy(weightFixture("module.bin"), folder.path("m-1.bin"));
        folder.write("pytorch_model.bin.index.json",
                     R"({"weight_map": {"weight": "m-1.bin", "bias": "m-1.bin"}})");
        io::WeightReader reader(io::findWeights(folder.path()));
        QCOMPARE(reader.read("bias").numel(), 2);
    }

    void refusedShards_data() {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("names");
        QTest::newRow("shard missing") << "gone"
                                       << "shard two.safetensors is missing";
        QTest::newRow("tensor missing") << "absent"
                                        << "d is not in one.safetensors";
        QTest::newRow("tensor elsewhere") << "elsewhere"
                                          << "tensor b, which the index expects in one.safetensors";
        QTest::newRow("tensor not named") << "unnamed"
                                          << "tensor c, which the index does not name";
        QTest::newRow("other folder") << "path"
                                      << "\"../one.safetensors\", which is not a file name";
        QTest::newRow("not a name") << "number"
                                    << "weight_map.a must be the name of a file";
        QTest::newRow("empty map") << "empty"
                                   << "weight_map names no shard";
        QTest::newRow("no map") << "none"
                                << "weight_map names no shard";
        QTest::newRow("damaged shard") << "damaged"
                                       << "two.safetensors";
    }

    void refusedShards() {
        QFETCH(QString, fault);
        QFETCH(QString, names);
        const IoFolder folder;
        json index = writeShards(folder);
        json& map = index["weight_map"];
        if (fault == "gone") {
            std::filesystem::remove(folder.path("two.safetensors"));
        } else if (fault == "absent") {
            map["d"] = "one.safetensors";
        } else if (fault == "elsewhere") {
            map["b"] = "one.safetensors";
        } else if (fault == "unnamed") {
            map.erase("c");
        } else if (fault == "path") {
            map["a"] = "../one.safetensors";
        } else if (fault == "number") {
            map["a"] = 1;
        } else if (fault == "empty") {
            map = json::object();
        } else if (fault == "none") {
            index.erase("weight_map");
        } else {
            folder.write("two.safetensors", "x");
        }
        folder.write("model.safetensors.index.json", index.dump());
        const std::string message =
            refusalOf([&] { static_cast<void>(io::findWeights(folder.path())); });
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
    }

    void whichFile() {
        const IoFolder folder;
        QVERIFY(refusalOf([&] {
                    static_cast<void>(io::findWeights(folder.path()));
                }).find("no model.safetensors, pytorch_model.bin") != std::string::npos);
        std::filesystem::copy(weightFixture("module.bin"), folder.path("run.pt"));
        QCOMPARE(io::findWeights(folder.path()).path, folder.path("run.pt"));
        std::filesystem::copy(weightFixture("module.bin"), folder.path("other.pt"));
        QVERIFY(refusalOf([&] {
                    static_cast<void>(io::findWeights(folder.path()));
                }).find("more than one .pt") != std::string::npos);
        std::filesystem::copy(weightFixture("module.bin"), folder.path("pytorch_model.bin"));
        QCOMPARE(io::findWeights(folder.path()).path, folder.path("pytorch_model.bin"));
        io::writeSafetensors(folder.path("model.safetensors"), {{"a", at::ones({2})}});
        QCOMPARE(io::findWeights(folder.path()).path, folder.path("model.safetensors"));
    }

    void changedWhileReading() {
        const IoFolder folder;
        io::writeSafetensors(folder.path("model.safetensors"), {{"a", at::ones({2000})}});
        io::WeightReader reader(io::findWeights(folder.path()));
        std::filesystem::resize_file(folder.path("model.safetensors"), 1000);
        QVERIFY(refusalOf([&] {
                    static_cast<void>(reader.read("a"));
                }).find("tensor a: the file ended early") != std::string::npos);
        QVERIFY(refusalOf([&] {
                    static_cast<void>(reader.read("b"));
                }).find("tensor b is missing") != std::string::npos);
    }

    void equalsLooksAtAll() {
        const IoFolder folder;
        const at::Tensor data = at::arange(700'000, at::kFloat);
        io::writeSafetensors(folder.path("model.safetensors"), {{"a", data}});
        io::WeightReader reader(io::findWeights(folder.path()));
        QVERIFY(reader.equals("a", data));
        at::Tensor other = data.clone();
        other[699'999] += 1;
        QVERIFY(!reader.equals("a", other));
        QVERIFY(!reader.equals("a", data.view({700, 1000})));
    }
};

QTEST_APPLESS_MAIN(TestWeightIndex)
#include "tst_weight_index.moc"
