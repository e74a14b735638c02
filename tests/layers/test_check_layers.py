#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The checker itself: it finds each kind of forbidden include, with file and line, and nothing else."""
import pathlib
import tempfile
import unittest

import check_layers

TABLE = check_layers.Table(pathlib.Path(__file__).with_name("layers.json").read_text(encoding="utf-8"))


class CheckLayers(unittest.TestCase):
    def faults(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return list(check_layers.faults(root, TABLE))

    def one_fault(self, name, include, others=()):
        files = {other: "#include <vector>\n" for other in others}
        found = self.faults({**files, name: f"// first line\n\n{include}\n"})
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{name}:3: "), found[0])
        return found[0]

    def test_allowed_includes_pass(self):
        self.assertEqual(self.faults({
            "engine/base/error.h": "#include <string>\n",
            "engine/settings/lab.h": '#include "engine/base/error.h"\n#include <vector>\n',
            "engine/trace/step.h": '#include "engine/settings/lab.h"\n',
            "engine/recording/r.cpp": '#include "engine/trace/step.h"\n#include <sqlite3.h>\n#include <unistd.h>\n',
            "engine/ops/op.h": "#include <ATen/core/Tensor.h>\n",
            "engine/ops/cuda/k.cu": '#include "engine/ops/op.h"\n#include <cuda_runtime.h>\n',
            "widgets/scene/scene.h": "#include <cmath>\n",
            "widgets/paint/qt/p.cpp": '#include "widgets/scene/scene.h"\n#include <QPainter>\n',
            "app/desktop/main.cpp": '#include <QtGui/QWindow>\n#include "main.moc"\n',
            "app/cli/main.cpp": '#include <nlohmann/json.hpp>\n',
        }), [])

    def test_wrong_folder_is_found(self):
        fault = self.one_fault("widgets/instruments/a.h", '#include "engine/runtime/r.h"', ["engine/runtime/r.h"])
        self.assertIn("widgets/instruments may not include", fault)

    def test_scene_has_base_alone(self):
        self.one_fault("widgets/scene/a.h", '#include "engine/trace/e.h"\n#include "engine/base/e.h"',
                       ["engine/trace/e.h", "engine/base/e.h"])

    def test_subfolder_with_rules_of_its_own(self):
        self.one_fault("engine/ops/a.cpp", '#include "engine/ops/cuda/k.h"', ["engine/ops/cuda/k.h"])
        self.one_fault("engine/ops/cpu/a.cpp", "#include <cuda_runtime.h>")

    def test_wrong_library_is_found(self):
        for name, header in (("engine/settings/a.h", "QString"), ("engine/runtime/a.h", "ATen/ATen.h"),
                             ("app/cli/a.cpp", "QtCore/QString"), ("engine/trace/a.h", "nlohmann/json.hpp"),
                             ("widgets/panels/a.h", "imgui.h"), ("widgets/scene/a.h", "unistd.h")):
            self.one_fault(name, f"#  include   <{header}>")

    def test_forbidden_unknown_and_loose_includes_are_found(self):
        self.assertIn("never", self.one_fault("engine/nn/a.h", "#include <torch/torch.h>"))
        self.assertIn("no library", self.one_fault("engine/nn/a.h", "#include <boost/any.hpp>"))
        self.assertIn("root", self.one_fault("engine/nn/a.h", '#include "b.h"'))
        self.assertIn("root", self.one_fault("engine/nn/a.h", '#include "../base/b.h"'))
        self.assertIn("exist", self.one_fault("engine/nn/a.h", '#include "engine/nn/missing.h"'))
        self.assertIn("no folder", self.one_fault("engine/new/a.h", "#include <vector>"))
        self.assertIn("name its header", self.one_fault("engine/nn/a.h", "#include HEADER"))

    def test_comments_are_no_includes(self):
        self.assertEqual(self.faults({
            "engine/base/a.h": '/* a\n#include <QString>\n*/\n// #include <QString>\n#include <string> // "x\n',
        }), [])

    def test_lines_count_behind_comments(self):
        found = self.faults({"engine/base/a.h": '/* a\n\n*/ const char* s = "/*";\n#include <QString>\n'})
        self.assertEqual([fault.split(" ")[0] for fault in found], ["engine/base/a.h:4:"])

    def test_empty_tree_is_a_fault(self):
        self.assertEqual(len(self.faults({})), 1)


if __name__ == "__main__":
    unittest.main()
