// SPDX-License-Identifier: MIT
// Safetensors containers as the safetensors library (0.8) takes and refuses them: what it cannot
// open is refused here, too, with words that say why.
#include "engine/io/safetensors.h"
#include "tests/engine/io/container.h"
#include "tests/engine/io/io_test.h"

#include <QtTest>
#include <functional>

using namespace depthscope;
using namespace depthscope::tests;
using nlohmann::json;

namespace {

/// Two tensors: a of 8 bytes, b of 4.
Container twoTensors() {
    Container container;
    container.add("a", "F32", {2}, 8);
    container.add("b", "F16", {1, 2}, 4);
    return container;
}

void addColumns() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("says");
}

/// `says`: words of the refusal; empty where the file loads with both its tensors.
void row(const char* name, const std::string& content, const char* says = "") {
    QTest::newRow(name) << QByteArray::fromStdString(content) << says;
}

void editRow(const char* name, const std::function<void(Container&)>& edit, const char* says = "") {
    Container container = twoTensors();
    edit(container);
    row(name, container.bytes(), says);
}

/// b with another value in one field.
void fieldRow(const char* name, const char* field, const json& value, const char* says) {
    editRow(
        name, [&](Container& c) { c.header["b"][field] = value; }, says);
}

void emptyTensor(Container& container, const char* name, std::uint64_t at) {
    container.header[name] = {{"dtype", "F32"}, {"shape", {0, 5}}, {"data_offsets", {at, at}}};
}

void check() {
    QFETCH(QByteArray, content);
    QFETCH(QString, says);
    const IoFolder folder;
    const auto file = folder.write("model.safetensors", content.toStdString());
    if (!says.isEmpty()) {
        const std::string message =
            refusalOf([&] { static_cast<void>(io::readSafetensorsIndex(file)); });
        QVERIFY2(message.starts_with(file.string() + ": "), message.c_str());
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.size() < 1000, "the message repeats the file");
        return;
    }
    io::SafetensorsReader reader(file);
    QCOMPARE(reader.read("a").sizes().vec(), std::vector<std::int64_t>{2});
    QCOMPARE(reader.read("b").sizes().vec(), (std::vector<std::int64_t>{1, 2}));
    QCOMPARE(std::memcmp(reader.read("b").data_ptr(), "\1\1\1\1", 4), 0);
}

} // namespace

class TestSafetensorsKinds : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void headers_data() {
        addColumns();
        const Container two = twoTensors();
        const std::string text = two.header.dump();
        row("plain", two.bytes());
        row("padded with spaces", two.bytesWith(text + "     "));
        row("padded with line ends", two.bytesWith(text + "\n\t \r\n"));
        row("blanks in front", two.bytesWith(" \n\t" + text));
        row("data misaligned", two.bytesWith(text + " "));
        row("one name twice", two.bytesWith("{\"b\": {\"dtype\": \"I4\"}, " + text.substr(1)));
        row("padded with zeros", two.bytesWith(text + std::string(3, '\0')), "not a JSON object");
        row("byte order mark", two.bytesWith("\xef\xbb\xbf" + text), "not a JSON object");
        row("more behind the header", two.bytesWith(text + "}"), "not valid JSON");
        row("two objects", two.bytesWith(text + "{}"), "not valid JSON");
        row("a list", two.bytesWith("[]"), "not a JSON object");
        row("no bytes", two.bytesWith(""), "not a JSON object");
        row("blanks", two.bytesWith("    "), "not a JSON object");
        row("bad UTF-8 in a name", two.bytesWith("{\"\xff\": 1}"), "not valid JSON");
        row("nested", two.bytesWith("{\"a\": " + std::string(50'000, '[') + "}"), "nested");
        row("empty file", "", "too short");
        row("longer than the file", number(1ULL << 40U, 8) + "{}", "more than there are");
        row("2^64 bytes", number(UINT64_MAX, 8) + "{}", "more than there are");
    }

    void headers() { check(); }

    void coverage_data() {
        addColumns();
        const std::string good = twoTensors().bytes();
        row("a byte behind", good + "x", "1 byte");
        row("zeros behind", good + std::string(8, '\0'), "8 bytes");
        row("only data", Container{json::object(), "1234"}.bytes(), "4 bytes");
        row("a byte short", good.substr(0, good.size() - 1), "ends at byte 12 of the 11");
        editRow(
            "hole",
            [](Container& c) {
                c.data += "12345678";
                c.add("c", "F32", {1}, 4);
            },
            "8 bytes before tensor c");
        editRow(
            "hole at the start", [](Container& c) { c.header.erase("a"); },
            "8 bytes before tensor b");
        editRow(
            "same place", [](Container& c) { c.header["c"] = c.header["b"]; }, "overlap");
        fieldRow("overlap", "data_offsets", {6, 10}, "overlap");
        fieldRow("past the end", "data_offsets", {1ULL << 60U, (1ULL << 60U) + 4}, "ends at byte");
        fieldRow("end before begin", "data_offsets", {12, 8}, "tensor b");
        fieldRow("three offsets", "data_offsets", {8, 12, 12}, "tensor b");
        fieldRow("negative", "data_offsets", {-4, 0}, "tensor b");
        fieldRow("a float", "data_offsets", {8.0, 12.0}, "tensor b");
        editRow("empty tensors", [](Container& c) {
            emptyTensor(c, "0", 0);
            emptyTensor(c, "between", 8);
            emptyTensor(c, "z", 12);
        });
        editRow(
            "empty tensor inside", [](Container& c) { emptyTensor(c, "z", 4); }, "overlap");
        editRow(
            "empty tensor outside", [](Container& c) { emptyTensor(c, "z", 99); }, "tensor z");
    }

    void coverage() { check(); }

    void entries_data() {
        addColumns();
        fieldRow("another shape", "shape", {1, 3}, "tensor b");
        fieldRow("2.0", "shape", {1, 2.0}, "tensor b");
        fieldRow("negative sizes", "shape", {-1, -2}, "tensor b");
        fieldRow("sizes that overflow", "shape", {1ULL << 40U, 1ULL << 40U, 0}, "tensor b");
        fieldRow("shape a number", "shape", 2, "tensor b");
        for (const char* dtype : {"C128", "I4", "f32", "INT8", "F8"}) {
            fieldRow(dtype, "dtype", dtype, (std::string("\"") + dtype + "\"").c_str());
        }
        fieldRow("no name", "dtype", "", "tensor b");
        fieldRow("dtype a number", "dtype", 3, "tensor b");
        fieldRow("a field of its own", "note", 1, "");
        fieldRow("an object of its own", "note", {{"x", {1}}}, "");
        editRow(
            "no dtype", [](Container& c) { c.header["b"].erase("dtype"); }, "tensor b");
        editRow(
            "no object", [](Container& c) { c.header["b"] = 3; }, "tensor b");
        editRow(
            "half a byte", [](Container& c) { c.add("c", "F4", {3}, 2); }, "tensor c");
        editRow("scalar", [](Container& c) { c.add("c", "F32", json::array(), 4); });
        editRow("65 dimensions",
                [](Container& c) { c.add("c", "U8", json(std::vector<int>(65, 1)), 1); });
        editRow(
            "10000 dimensions",
            [](Container& c) { c.add("c", "U8", json(std::vector<int>(10'000, 1)), 1); },
            "tensor c");
        editRow("escapes", [](Container& c) { c.add("ex\"t\\r\xc3\xa9\n", "F32", {1}, 4); });
        editRow("empty name", [](Container& c) { c.add("", "F32", {1}, 4); });
    }

    void entries() { check(); }

    void metadata_data() {
        addColumns();
        const auto metadata = [](const char* name, const json& value, const char* says = "") {
            editRow(
                name, [&](Container& c) { c.header["__metadata__"] = value; }, says);
        };
        metadata("a text", {{"format", "pt"}});
        metadata("null", nullptr);
        metadata("empty", json::object());
        metadata("a text alone", "pt", "__metadata__");
        metadata("a list", json::array(), "__metadata__");
        metadata("a number", 3, "__metadata__");
        for (const char* value : {"3", "null", "{}", "[\"a\"]", "true"}) {
            metadata((std::string("value ") + value).c_str(), {{"n", json::parse(value)}},
                     "__metadata__.n");
        }
    }

    void metadata() { check(); }
};

QTEST_APPLESS_MAIN(TestSafetensorsKinds)
#include "tst_safetensors_kinds.moc"
