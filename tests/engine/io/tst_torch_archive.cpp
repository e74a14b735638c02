// SPDX-License-Identifier: MIT
// Files of torch.save (tests/oracles/torch_files.py) against the same tensors in safetensors, and
// hostile archives: a pickle that names anything but tensors is refused, and nothing runs.
#include "engine/io/safetensors.h"
#include "tests/engine/io/io_test.h"

#include <ATen/ATen.h>

#include <QtTest>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

/// ('storage', torch.FloatStorage, '0', 'cpu', count)
std::string storage(int count) {
    return "(X" + number(7, 4) + "storagectorch\nFloatStorage\nX" + number(1, 4) + "0X" +
           number(3, 4) + "cpuK" + number(static_cast<std::uint64_t>(count), 1) + "tQ";
}

std::string whole(std::int64_t value) {
    return "\x8a\x08" + number(static_cast<std::uint64_t>(value), 8);
}

/// {'w': a tensor of these numbers}
std::string tensorPickle(std::int64_t offset,
                         const std::string& shape,
                         const std::string& strides,
                         int count = 4) {
    return "\x80\x02}X" + number(1, 4) + "wctorch._utils\n_rebuild_tensor_v2\n(" + storage(count) +
           whole(offset) + shape + strides + "\x89}tRs.";
}

std::string archive(const std::string& pickle) {
    return zipOf({{"a/data.pkl", pickle}, {"a/data/0", std::string(16, '\1')}});
}

} // namespace

class TestTorchArchive : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void sameAsSafetensors_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("count");
        QTest::newRow("state dictionary") << "state.bin" << 15;
        QTest::newRow("pickle protocol 4") << "protocol4.bin" << 15;
    }

    void sameAsSafetensors() {
        QFETCH(QString, name);
        QFETCH(int, count);
        io::WeightReader reader(io::readTorchArchive(weightFixture(name.toStdString())));
        io::SafetensorsReader expected(weightFixture("expected.safetensors"));
        QCOMPARE(reader.entries().size(), static_cast<std::size_t>(count));
        QCOMPARE(expected.entries().size(), reader.entries().size());
        for (const auto& [tensor, entry] : expected.entries()) {
            const at::Tensor own = reader.read(tensor);
            QVERIFY2(own.is_contiguous(), tensor.c_str());
            QCOMPARE(own.scalar_type(), entry.dtype);
            QVERIFY2(at::equal(own, expected.read(tensor)), tensor.c_str());
            QVERIFY(reader.equals(tensor, own));
            QVERIFY(at::equal(reader.read(tensor, at::kDouble), own.to(at::kDouble)));
        }
    }

    void sharedStorageIsOnePlace() {
        const io::WeightIndex index = io::readTorchArchive(weightFixture("state.bin"));
        QVERIFY(index.entries.at("whole") == index.entries.at("tied"));
        QVERIFY(!(index.entries.at("whole") == index.entries.at("transposed")));
        QCOMPARE(index.entries.at("rows").begin, index.entries.at("whole").begin + 3 * 4);
        QCOMPARE(index.entries.at("column").strides, std::vector<std::int64_t>{3});
    }

    void wrappersAndMetadata() {
        for (const char* name : {"module.bin", "wrapped.pt"}) {
            io::WeightReader reader(io::readTorchArchive(weightFixture(name)));
            QCOMPARE(reader.entries().size(), std::size_t{2});
            QCOMPARE(reader.read("weight").sizes().vec(), (std::vector<std::int64_t>{2, 3}));
        }
    }

    void refusedFixtures_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("names");
        QTest::newRow("before 1.6") << "old.bin"
                                    << "torch.save(w, \"pytorch_model.bin\")";
        QTest::newRow("a whole module") << "program.pt"
                                        << "torch.nn.modules.linear.Linear";
        QTest::newRow("not there") << "none.bin"
                                   << "cannot be opened";
    }

    void refusedFixtures() {
        QFETCH(QString, name);
        QFETCH(QString, names);
        const std::filesystem::path file = weightFixture(name.toStdString());
        const std::string message =
            refusalOf([&] { static_cast<void>(io::readTorchArchive(file)); });
        QVERIFY2(message.starts_with(file.string() + ": "), message.c_str());
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
    }

    void expandedView() {
        io::WeightReader reader(io::readTorchArchive(weightFixture("expanded.bin")));
        QVERIFY(reader.read("expanded").equal(at::ones({100, 100})));
    }

    void goodByHand() {
        const IoFolder folder;
        const auto file = folder.write("a.bin", archive(tensorPickle(0, "K\2\x85", "K\2\x85")));
        io::WeightReader reader(io::readTorchArchive(file));
        QCOMPARE(reader.entries().at("w").end - reader.entries().at("w").begin, std::uint64_t{12});
        QCOMPARE(reader.read("w").numel(), 2);
    }

    void hostilePickles_data() {
        QTest::addColumn<QByteArray>("pickle");
        QTest::addColumn<QString>("names");
        const auto row = [](const char* name, const std::string& pickle, const char* names) {
            QTest::newRow(name) << QByteArray::fromStdString(pickle) << names;
        };
        const std::string proto = "\x80\x02";
        row("os.system", proto + "cos\nsystem\nX" + number(2, 4) + "ls\x85R.", "os.system");
        row("builtins.eval", proto + "cbuiltins\neval\n.", "builtins.eval");
        row("posix through the stack", proto + "\x8c\x05posix\x8c\x06system\x93.", "posix.system");
        row("other torch function", proto + "ctorch\nload\n.", "torch.load");
        row("storage of another module", proto + "cevil\nFloatStorage\n.", "evil.FloatStorage");
        row("INST", proto + "(ios\nsystem\n.", "opcode 105");
        row("OBJ", proto + "(cos\nsystem\no.", "os.system");
        row("NEWOBJ", proto + "cos\nsystem\n)\x81.", "os.system");
        const std::string long1M(1'000'000, 'A');
        row("storage of a long name", proto + "ctorch\n" + long1M + "Storage\n.",
            "which is not a tensor type");
        row("storage by a long key",
            proto + "(X" + number(7, 4) + "storagectorch\nFloatStorage\nX" + number(1'000'000, 4) +
                long1M + "X" + number(3, 4) + "cpuK\4tQ.",
            "more than 64 bytes");
        row("many arguments",
            proto + "ctorch._utils\n_rebuild_tensor_v2\n(" + std::string(100, 'N') + "tR.",
            "100 arguments");
        row("EXT1", proto + "\x82\x01.", "opcode 130");
        row("PERSID", proto + "Pabc\n.", "opcode 80");
        row("build of a tuple", proto + "))b.", "a dictionary");
        row("empty", "", "cut off");
        row("no stop", proto + "}", "cut off");
        row("nothing on the stack", proto + ".", "empty stack");
        row("only a mark", proto + "(.", "empty stack");
        row("no mark", proto + "u.", "lacks a mark");
        row("key without value", proto + "}(Nu.", "key without a value");
        row("memo never noted", proto + "h\7.", "never written");
        row("string longer than the file", proto + "X" + number(0xffffffff, 4) + "a", "cut off");
        row("not a dictionary", proto + "].", "state dictionary");
        row("no tensors", proto + "}.", "no tensors");
        row("call of a text", proto + "X" + number(1, 4) + "a)R.", "a constructor");
        row("dictionary with arguments", proto + "ccollections\nOrderedDict\nN\x85R.",
            "OrderedDict with unexpected arguments");
        row("tensor without shape",
            proto + "ctorch._utils\n_rebuild_tensor_v2\n" + storage(4) + "\x85R.",
            "incomplete tensor");
        row("tensor of a number", proto + "ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.",
            "a storage");
        row("other persistent id", proto + "X" + number(1, 4) + "a\x85Q.", "unknown form");
        row("storage larger than its data", tensorPickle(0, "K\2\x85", "K\1\x85", 5), "claims 5");
        row("negative offset", tensorPickle(-1, "K\2\x85", "K\1\x85"), "outside its storage");
        row("offset past the end", tensorPickle(3, "K\2\x85", "K\1\x85"), "outside its storage");
        row("huge offset", tensorPickle(INT64_MAX, "K\2\x85", "K\1\x85"), "outside its storage");
        row("shape past the end", tensorPickle(0, "K\5\x85", "K\1\x85"), "outside its storage");
        row("stride past the end", tensorPickle(0, "K\2\x85", "K\4\x85"), "outside its storage");
        row("negative size", tensorPickle(0, whole(-2) + "\x85", "K\1\x85"), "outside its storage");
        row("sizes that overflow",
            tensorPickle(0, whole(1LL << 32U) + whole(1LL << 32U) + "\x86", "K\1K\1\x86"),
            "outside its storage");
        row("stride that overflows", tensorPickle(0, "K\3\x85", whole(INT64_MAX) + "\x85"),
            "outside its storage");
        row("repeated elements", tensorPickle(0, whole(1LL << 40U) + "\x85", whole(0) + "\x85"),
            "outside its storage");
        row("other rank", tensorPickle(0, "K\2\x85", "K\1K\1\x86"), "outside its storage");
        row("huge number", proto + "\x8a\xff" + std::string(255, '\1') + ".", "state dictionary");
        row("circle", proto + "]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a.",
            "state dictionary");
    }

    void hostilePickles() {
        QFETCH(QByteArray, pickle);
        QFETCH(QString, names);
        const IoFolder folder;
        const auto file = folder.write("a.bin", archive(pickle.toStdString()));
        const std::string message =
            refusalOf([&] { static_cast<void>(io::readTorchArchive(file)); });
        QVERIFY2(message.starts_with(file.string() + ": "), message.c_str());
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
    }

    void hostileZips_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("names");
        const auto row = [](const char* name, const std::string& content, const char* names) {
            QTest::newRow(name) << QByteArray::fromStdString(content) << names;
        };
        const std::string good = archive(tensorPickle(0, "K\2\x85", "K\1\x85"));
        const auto changed = [&](std::size_t fromEnd, const std::string& bytes) {
            std::string copy = good;
            copy.replace(copy.size() - fromEnd, bytes.size(), bytes);
            return copy;
        };
        row("cut off", good.substr(0, good.size() / 2), "no zip directory");
        row("only a start", "PK\x03\x04", "too short");
        row("compressed", zipOf({{"a/data.pkl", "."}}, 8), "compressed");
        row("two of one name", zipOf({{"a/data.pkl", "."}, {"a/data.pkl", "."}}), "two members");
        row("no pickle", zipOf({{"a/version", "3"}}), "no data.pkl");
        row("no data", zipOf({{"a/data.pkl", tensorPickle(0, "K\2\x85", "K\1\x85")}}),
            "is missing");
        row("big-endian", zipOf({{"a/data.pkl", "."}, {"a/byteorder", "big"}}), "little-endian");
        row("directory outside", changed(6, number(0xfffffff0, 4)), "outside the file");
        row("directory too long", changed(10, number(0xfffffff0, 4)), "too large");
        row("more members than there are", changed(12, number(0xffff, 2)), "is damaged");
    }

    void hostileZips() {
        QFETCH(QByteArray, content);
        QFETCH(QString, names);
        const IoFolder folder;
        const auto file = folder.write("a.bin", content.toStdString());
        const std::string message =
            refusalOf([&] { static_cast<void>(io::readTorchArchive(file)); });
        QVERIFY2(message.starts_with(file.string() + ": "), message.c_str());
        QVERIFY2(message.find(names.toStdString()) != std::string::npos, message.c_str());
    }
};

QTEST_APPLESS_MAIN(TestTorchArchive)
#include "tst_torch_archive.moc"
