package main

type group struct {
	name, data string
	templates  []string
}

var dataSets = map[string]string{
	"main": `{
		"params": {
			"title": "Login fails", "number": 7, "big": 1234567, "ratio": 0.25, "tiny": 0.00001, "small": 0.0001,
			"huge": 1e21, "long": 123456, "pi": 3.141592653589793, "negative": -3, "zero": 0, "empty": "",
			"yes": true, "no": false, "nothing": null, "tags": ["bug", "ui", "p1"], "none": [], "nobody": {},
			"unicode": "héllo 世界 😀", "html": "<a href=\"x\">O'Reilly & Co</a>", "query": "a/b c?d=e&f+g~h(i)*'!",
			"lines": "one\ntwo\ttab \\ \"quoted\"", "json": "{\"k\": [1, 2.5, {\"z\": null}], \"a\": \"é\"}",
			"control": "\u0000\u0007\u001b\u007f\u00ad\u2028", "nested": {"a": {"b": {"c": "deep"}}}
		},
		"steps": {
			"create": {"status": "completed", "output": {"id": 42, "url": "https://example.com/i/42",
				"labels": [{"name": "bug", "score": 0.9}, {"name": "ui", "score": 0.5}]}},
			"ask": {"action": "accept", "output": {"action": "accept", "content": {"reason": "fine"}}},
			"my-step": {"output": {"x y": "spaced", "n": 5}}
		},
		"matrix": [[1, 2], [3, 4, 5], []],
		"users": [{"name": "Ann", "age": 31, "admin": true}, {"name": "Bob", "age": 25, "admin": false},
			{"name": "Cy", "age": 40, "admin": true}],
		"tree": {"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": [{"v": 4, "kids": []}]}]},
		"mixed": {"b": 1, "a": "x", "c": null, "d": [true, 1.5, "s"], "10": 2, "9": 3, "é": 4, "Z": 5, "_u": 6},
		"numbers": [0, -0.0, 1, -1, 0.1, 1e5, 999999, 1e6, 1e20, 1e21, 1e-4, 1e-5, 123456789, 0.1234567890123, 5e-324,
			1.7976931348623157e308, 2.5, 100, 12345.678]
	}`,
	"number": `5`,
	"text":   `"hi there"`,
	"list":   `[3, "b", [1], {"k": "v"}, null, false]`,
	"null":   `null`,
	"true":   `true`,
}

var groups = []group{
	{"text", "main", []string{
		``, `plain`, "two\nlines\n", `{ not an action }`, `}}`, `{{"{{"}}`, `a{{/* comment */}}b`, "a {{- /* trim */ -}} b",
		"{{/* over\ntwo lines */}}x", `{{/* * / */}}`, `é{{"ü"}}世`, "{{\"a\"}}\r\n{{\"b\"}}", `{{"a}}b"}}`, "{{`a}}b`}}", `{{1}}{{2}}`,
		`x {{"y"}} z`, "tail {{\n.params.title\n}}",
	}},
	{"trim", "main", []string{
		`a {{- "b" }} c`, `a {{ "b" -}} c`, `a {{- "b" -}} c`, "a\n\t {{- 1 -}} \r\n b", `{{- 1 -}}`, `{{-1}}`, `{{- -1 -}}`,
		"  {{- /* c */ -}}  x", "{{if true -}}  y  {{- end}}", "a {{- if true}} b {{- end -}} c", `{{1 -}}  {{- 2}}`, "x  {{- `  y  ` -}}  z",
		"a{{\"b\" -}}\n\n\n", "{{ 3 - }}", "{{-}}", "a {{- }}",
	}},
	{"literals", "main", []string{
		`{{"str"}}`, "{{`raw \\n`}}", "{{`raw\nline`}}", `{{"\n\t\\\"\a\b\f\r\v"}}`, `{{"\x41\101\u0041\U00000041"}}`, `{{"\u00e9\U0001F600"}}`,
		`{{"\xc3\xa9"}}`, `{{"\303\251"}}`, `{{"\'"}}`, `{{"\q"}}`, `{{"\u12"}}`, `{{"\ud800"}}`, `{{"\400"}}`, `{{"open}}`, "{{\"a\nb\"}}", "{{`open}}",
		`{{'a'}}`, `{{'é'}}`, `{{'\n'}}`, `{{'\''}}`, `{{'\x41'}}`, `{{'\u4e16'}}`, `{{'世'}}`, `{{'"'}}`, `{{'a}}`,
		`{{0}}`, `{{00}}`, `{{7}}`, `{{-7}}`, `{{+7}}`, `{{017}}`, `{{0o17}}`, `{{0O17}}`, `{{0x1F}}`, `{{0XfF}}`, `{{0b101}}`, `{{0B11}}`, `{{1_000_000}}`,
		`{{0x_ff}}`, `{{0b1_0}}`, `{{0_7}}`, `{{1__0}}`, `{{1_}}`, `{{_1}}`, `{{08}}`, `{{0x}}`, `{{0b2}}`, `{{0xg}}`, `{{1a}}`,
		`{{9223372036854775807}}`, `{{-9223372036854775808}}`, `{{9223372036854775808}}`, `{{99999999999999999999}}`,
		`{{1.5}}`, `{{.5}}`, `{{5.}}`, `{{-.5}}`, `{{1e3}}`, `{{1E3}}`, `{{1e-7}}`, `{{1e+21}}`, `{{1.0}}`, `{{1e6}}`, `{{100000.0}}`, `{{123456789.0}}`,
		`{{0x1p4}}`, `{{0x1.8p1}}`, `{{0x.8p0}}`, `{{1_0.5}}`, `{{1_0e1_0}}`, `{{1e400}}`, `{{0.1e1}}`, `{{1.e2}}`, `{{089.5}}`, `{{-0}}`, `{{-0.0}}`,
		`{{true}}`, `{{false}}`, `{{nil}}`, `{{1+1}}`, `{{1 - 1}}`, `{{+}}`, `{{"a" "b"}}`, `{{1 2}}`, `{{true 1}}`, `{{"a"1}}`,
	}},
	{"fields", "main", []string{
		`{{.params.title}}`, `{{ .params.title }}`, `{{.params.nested.a.b.c}}`, `{{$.params.title}}`, `{{(.params).title}}`, `{{(.params.nested).a.b.c}}`,
		`{{((.params)).nested.a}}`, `{{$.params.nested.a.b}}`, `{{.params.number}}`, `{{.params.big}}`, `{{.params.ratio}}`, `{{.params.tiny}}`, `{{.params.small}}`,
		`{{.params.huge}}`, `{{.params.long}}`, `{{.params.pi}}`, `{{.params.negative}}`, `{{.params.zero}}`, `{{.params.empty}}`, `{{.params.yes}}`, `{{.params.no}}`,
		`{{.params.tags}}`, `{{.params.none}}`, `{{.params.nobody}}`, `{{.params.unicode}}`, `{{.params.nested}}`, `{{.users}}`, `{{.matrix}}`, `{{.mixed}}`, `{{.tree}}`,
		`{{.steps.create.output}}`, `{{.numbers}}`, `{{.steps.create.output.id}} at {{.steps.create.output.url}}`, `{{.mixed._u}}{{.mixed.Z}}{{.mixed.é}}`,
		`{{.params.title 1}}`, `{{.params.title.x}}`, `{{.params.tags.x}}`, `{{.params.nothing.x}}`, `{{.params .title}}`, `{{..params}}`, `{{.params..title}}`, `{{.params.}}`,
		`{{.steps.my-step}}`, `{{"a".b}}`, `{{1.b}}`, `{{nil.b}}`, `{{true.b}}`, `{{.}}{{.params.title}}`, `{{params}}`, `{{.params.title | .params}}`,
		`{{ ( .params ).title }}`, `{{.params.title|print}}`, `{{.params.number.x}}`, `{{(1).x}}`, `{{.params!}}`, `{{#}}`, `{{.a@b}}`,
	}},
	{"dot", "number", []string{`{{.}}`, `{{$}}`, `{{print .}}`, `{{.x}}`, `{{if .}}y{{end}}`, `{{with .}}{{.}}{{end}}`, `{{printf "%v" .}}`, `{{. | json}}`, `{{.x.y}}`, `{{index . 0}}`}},
	{"dot", "text", []string{`{{.}}`, `{{len .}}`, `{{slice . 1 3}}`, `{{index . 0}}`, `{{. | printf "%q"}}`, `{{html .}}`, `{{range .}}x{{end}}`, `{{.x}}`}},
	{"dot", "list", []string{`{{.}}`, `{{len .}}`, `{{index . 2 0}}`, `{{(index . 3).k}}`, `{{range .}}[{{print .}}]{{end}}`, `{{range $i, $e := .}}{{$i}}{{end}}`, `{{.x}}`, `{{json .}}`, `{{slice . 1 2}}`}},
	{"dot", "null", []string{`{{if .}}y{{else}}n{{end}}`, `{{range .}}x{{else}}none{{end}}`, `{{with .}}x{{else}}none{{end}}`, `{{json .}}`, `{{print .}}`, `{{len .}}`, `{{index . 1}}`, `{{. | not}}`}},
	{"dot", "true", []string{`{{.}}`, `{{if .}}y{{end}}`, `{{not .}}`, `{{eq . true}}`}},
	{"variables", "main", []string{
		`{{$x := 1}}{{$x}}`, `{{$x := 1}}{{$x = 2}}{{$x}}`, `{{$x := "a"}}{{if true}}{{$x = "b"}}{{end}}{{$x}}`, `{{$x := "a"}}{{if true}}{{$x := "b"}}{{$x}}{{end}}{{$x}}`,
		`{{$x := .params}}{{$x.title}}`, `{{$x := .params.nested}}{{$x.a.b.c}}`, `{{$x := 1}}{{$y := $x}}{{$y}}`, `{{$x := 1}}{{$x := print $x "b"}}{{$x}}`, `{{$x}}`, `{{$x := 1}}{{end}}`,
		`{{$x:=1}}{{$x}}`, `{{ $x  :=  1 }}{{ $x }}`, `{{$é := 2}}{{$é}}`, `{{$x1 := 2}}{{$x1}}`, `{{$_ := 2}}{{$_}}`, `{{$x := 1 | print "n"}}{{$x}}`, `{{$x, $y := .params}}`,
		`{{if $x := .params.title}}{{$x}}{{end}}`, `{{if $x := .params.empty}}{{$x}}{{else}}empty:{{$x}}{{end}}`, `{{with $x := .params.nested}}{{$x.a}}{{.a}}{{end}}`,
		`{{if $x := 0}}a{{else if $y := 1}}{{$x}}{{$y}}{{end}}`, `{{if true}}{{$x := 1}}{{end}}{{$x}}`, `{{range .params.tags}}{{$y := .}}{{$y}}{{end}}`, `{{range .params.tags}}{{$y := .}}{{end}}{{$y}}`,
		`{{$s := ""}}{{range .params.tags}}{{$s = print $s .}}{{end}}{{$s}}`, `{{$n := 0}}{{range $i, $e := .params.tags}}{{$n = $i}}{{end}}{{$n}}`, `{{$ := 3}}{{$}}`,
		`{{($x := 3)}}{{$x}}`, `{{print ($x := 4) $x}}`, `{{$x = 1}}`, `{{$x := }}`, `{{$x : 1}}`, `{{$x 1}}`, `{{$x := $x}}`, `{{$-x}}`, `{{$x.y := 1}}`, `{{$x := 1}}{{$x 2}}`, `{{$x := .params}}{{$x.title 1}}`,
	}},
	{"if", "main", []string{
		`{{if true}}a{{end}}`, `{{if false}}a{{end}}`, `{{if false}}a{{else}}b{{end}}`, `{{if 0}}a{{else if 1}}b{{else}}c{{end}}`, `{{if 0}}a{{else if 0}}b{{else}}c{{end}}`,
		`{{if 0}}a{{else if 0}}b{{else if "x"}}c{{else}}d{{end}}`, `{{if .params.title}}t{{end}}`, `{{if .params.empty}}t{{else}}f{{end}}`, `{{if .params.zero}}t{{else}}f{{end}}`,
		`{{if .params.none}}t{{else}}f{{end}}`, `{{if .params.nobody}}t{{else}}f{{end}}`, `{{if .params.nothing}}t{{else}}f{{end}}`, `{{if .params.tags}}t{{else}}f{{end}}`, `{{if .params.nested}}t{{else}}f{{end}}`,
		`{{if .params.ratio}}t{{else}}f{{end}}`, `{{if .params.missing}}t{{else}}f{{end}}`, `{{if .nope.at.all}}t{{else}}f{{end}}`, `{{default "n/a" .nope.at.all}}`, `{{if not .params.missing}}t{{end}}`, `{{if and .params.yes .params.title}}t{{end}}`, `{{if or .params.no .params.missing}}t{{else}}f{{end}}`,
		`{{if eq .params.missing "x"}}t{{else}}f{{end}}`, `{{if ne .params.missing "x"}}t{{else}}f{{end}}`, `{{if eq .params.nothing nil}}t{{else}}f{{end}}`, `{{if 'a'}}t{{end}}`, `{{if ""}}t{{else}}f{{end}}`, `{{if -0.0}}t{{else}}f{{end}}`,
		`{{if true}}a{{if false}}b{{else}}c{{end}}d{{end}}`, `{{if}}x{{end}}`, `{{if true}}`, `{{if true}}{{else}}`, `{{end}}`, `{{else}}`, `{{if true}}{{else}}{{else}}{{end}}`, `{{if true}}{{else if}}{{end}}`, `{{if true}}{{end x}}`,
		`{{if true}}{{else foo}}{{end}}`, `{{if 1 2}}{{end}}`, `{{ if  true }}x{{ end }}`, `{{if(true)}}x{{end}}`, `{{if true}}{{elseif false}}{{end}}`, `{{if len .params.tags}}t{{end}}`, `{{if (eq 1 1)}}t{{end}}`,
	}},
	{"with", "main", []string{
		`{{with .params}}{{.title}}{{end}}`, `{{with .params.empty}}a{{else}}b{{.params.title}}{{end}}`, `{{with .params.nested.a}}{{.b.c}} {{$.params.title}}{{end}}`, `{{with 1}}{{.}}{{end}}`, `{{with .params.missing}}a{{else}}b{{end}}`,
		`{{with .params.zero}}a{{else with .params.title}}{{.}}{{else}}c{{end}}`, `{{with 0}}a{{else with 0}}b{{else with 3}}{{.}}{{end}}`, `{{with 0}}a{{else with 0}}b{{else}}{{.params.number}}{{end}}`, `{{with $x := 5}}{{$x}}{{.}}{{end}}`,
		`{{with .users}}{{range .}}{{.name}}{{end}}{{end}}`, `{{with}}x{{end}}`, `{{with 1}}a{{else if 1}}b{{end}}`, `{{with .params}}{{with .nested}}{{.a.b.c}}{{end}}{{.number}}{{end}}`,
		`{{with true}}{{.}}{{end}}`, `{{with "a" | print "b"}}{{.}}{{end}}`,
	}},
	{"range", "main", []string{
		`{{range .params.tags}}<{{.}}>{{end}}`, `{{range .params.none}}x{{else}}none{{end}}`, `{{range .params.nobody}}x{{else}}none{{end}}`, `{{range .params.nothing}}x{{else}}none{{end}}`, `{{range $e := .params.tags}}{{$e}},{{end}}`,
		`{{range $i, $e := .params.tags}}{{$i}}:{{$e}} {{end}}`, `{{range $k, $v := .mixed}}{{$k}}={{print $v}};{{end}}`, `{{range .mixed}}{{print .}};{{end}}`, `{{range $v := .params.nested}}{{$v}}{{end}}`, `{{range 3}}x{{end}}`,
		`{{range 3}}{{.}}{{end}}`, `{{range $i := 3}}{{$i}}{{end}}`, `{{range 0}}x{{else}}none{{end}}`, `{{range -1}}x{{else}}none{{end}}`, `{{range $i, $e := 3}}x{{end}}`, `{{range .params.yes}}x{{end}}`, `{{range .params.title}}x{{end}}`, `{{range 1.5}}x{{end}}`,
		`{{range .matrix}}[{{range .}}{{.}}{{else}}-{{end}}]{{end}}`, `{{range $i, $r := .matrix}}{{range $j, $c := $r}}{{$i}}{{$j}}={{$c}} {{end}}{{end}}`, `{{range .users}}{{.name}} is {{.age}}{{if .admin}} (admin){{end}}; {{end}}`,
		`{{range .params.tags}}{{if eq . "ui"}}{{break}}{{end}}{{.}}{{end}}`, `{{range .params.tags}}{{if eq . "ui"}}{{continue}}{{end}}{{.}}{{end}}`, `{{range .matrix}}{{range .}}{{if gt . 3.5}}{{break}}{{end}}{{.}}{{end}};{{end}}`, `{{range .users}}{{with .name}}{{if eq . "Bob"}}{{continue}}{{end}}{{.}}{{end}}{{end}}`,
		`{{break}}`, `{{continue}}`, `{{if true}}{{break}}{{end}}`, `{{range 2}}{{else}}{{break}}{{end}}`, `{{range 2}}{{break 1}}{{end}}`, `{{range}}x{{end}}`, `{{range 3}}x`, `{{range $i, $e, $f := .users}}{{end}}`, `{{range $i := 2}}{{end}}{{$i}}`,
		`{{$x := 9}}{{range $x = .params.tags}}{{end}}{{$x}}`, `{{$i := 9}}{{$x := 9}}{{range $i, $x = .params.tags}}{{end}}{{$i}}{{$x}}`, `{{range $i,$e:=.params.tags}}{{$e}}{{end}}`, `{{range index .matrix 1}}{{.}}{{end}}`, `{{range (slice .params.tags 1)}}{{.}}{{end}}`,
		`{{range $.params.tags}}{{$.params.number}}{{.}}{{end}}`, `{{range fromJson "[1,2]"}}{{.}}{{end}}`, `{{range len .params.tags}}{{.}}{{end}}`, `{{range .params.tags}}{{.}}{{else}}{{.params}}{{end}}`, `{{range $i, $e := .params.none}}{{else}}{{len .params.tags}}{{end}}`,
		`{{range $i, $u := .users}}{{if $i}}, {{end}}{{$u.name}}{{end}}`, `{{range true}}{{end}}`, `{{range nil}}{{end}}`, `{{range .users}}{{range $k, $v := .}}{{$k}}{{$v}}{{end}}{{end}}`,
	}},
	{"templates", "main", []string{
		`{{define "a"}}A{{end}}{{template "a"}}`, `{{template "a"}}{{define "a"}}A{{end}}`, `{{define "a"}}[{{.}}]{{end}}{{template "a" .params.title}}`, `{{define "a"}}[{{.title}}]{{end}}{{template "a" .params}}`, `{{define "a"}}{{$.title}}{{end}}{{template "a" .params}}`,
		"{{define `a`}}x{{end}}{{template `a`}}", `{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}<{{.}}>{{end}}{{template "a" 1}}`, `{{block "b" .params}}{{.title}}{{end}}`, `{{block "b" .params}}{{.title}}{{end}}{{template "b" .params}}`, `{{define "b"}}X{{end}}{{block "b" .}}{{end}}`,
		`{{define "n"}}{{.v}}{{range .kids}}({{template "n" .}}){{end}}{{end}}{{template "n" .tree}}`, `{{define "a"}}1{{end}}{{define "a"}}2{{end}}`, `{{define "a"}}  {{end}}{{define "a"}}2{{end}}{{template "a"}}`, `{{define "a"}}1{{end}}{{define "a"}} {{end}}{{template "a"}}`, `{{template "none"}}`, `{{define "a"}}`, `{{define a}}{{end}}`,
		`{{define}}{{end}}`, `{{define "a" 1}}{{end}}`, `{{if true}}{{define "a"}}{{end}}{{end}}`, `{{template}}`, `{{template 1}}`, `{{template "a" 1 2}}{{define "a"}}{{end}}`, `{{$x := 1}}{{define "a"}}{{$x}}{{end}}`, `{{define "a"}}{{$x := 2}}{{$x}}{{end}}{{$x := 1}}{{template "a"}}{{$x}}`,
		`{{range 2}}{{block "c" .}}{{break}}{{end}}{{end}}`, `{{range .params.tags}}{{template "t" .}}{{end}}{{define "t"}}-{{.}}{{end}}`, `{{block "b"}}{{end}}`, `{{define "a"}}{{else}}{{end}}`, `{{define "a b/c"}}ok{{end}}{{template "a b/c"}}`, `{{template "t" "x" | print}}{{define "t"}}{{.}}{{end}}`, `{{define "a"}}{{.}}{{end}}{{with .params.number}}{{template "a" .}}{{end}}`, `{{template "a" $x := 3}}{{define "a"}}{{.}}{{end}}`,
	}},
	{"pipelines", "main", []string{
		`{{"a" | print}}`, `{{"a" | print "b"}}`, `{{"a" | print "b" | print "c"}}`, `{{.params.title | len}}`, `{{.params.title | printf "%s!"}}`, `{{.params.title | printf "%s-%s" "x"}}`, `{{print "a" | print}}`, `{{(print "a") | printf "%q"}}`, `{{1 | 2}}`, `{{1 | "a"}}`, `{{1 | .params}}`, `{{1 | nil}}`, `{{1 |}}`, `{{| 1}}`,
		`{{}}`, `{{ }}`, `{{()}}`, `{{(1}}`, `{{1)}}`, `{{((1))}}`, `{{(1) 2}}`, `{{print (print 1 2) (print "a" "b")}}`, `{{print(1)}}`, `{{print 1|print}}`, `{{len (print "abc" "de")}}`, `{{(len "abc")}}`, `{{printf "%d" (len "abc")}}`, `{{.params.tags | len | printf "%03d"}}`, `{{true | not}}`, `{{1 | and 1}}`, `{{0 | and 1}}`, `{{1 | or 0}}`, `{{5 | or 3}}`,
		`{{(index .users 0).name}}`, `{{(index .users 0).name.x}}`, `{{((index .users 1)).age}}`, `{{(slice .users 1 2)}}`, `{{(fromJson "{\"a\":{\"b\":3}}").a.b}}`, `{{(print "a").x}}`, `{{. | len}}`, `{{print . | len}}`, `{{$.params.tags | json}}`, `{{print 1 2)}}`, `{{"a"|print|print|print}}`, `{{nope 1}}`, `{{1 | nope}}`, `{{1,2}}`,
	}},
	{"logic", "main", []string{
		`{{and 1 2}}`, `{{and 0 2}}`, `{{and 1 0}}`, `{{and "" 1}}`, `{{and 1 2 3}}`, `{{or 0 2}}`, `{{or 1 2}}`, `{{or 0 ""}}`, `{{or 0 "" false}}`, `{{or .params.empty "dflt"}}`, `{{or .params.title "dflt"}}`, `{{not 0}}`, `{{not 1}}`, `{{not ""}}`, `{{not "a"}}`, `{{not .params.tags}}`, `{{not .params.none}}`, `{{and}}`, `{{or}}`, `{{not}}`, `{{not 1 2}}`, `{{and 1}}`, `{{or 0}}`,
		`{{and false (index .users 99)}}`, `{{or true (index .users 99)}}`, `{{and true (eq 1 1) (lt 1 2)}}`, `{{if and (gt (len .users) 2) (eq .params.title "Login fails")}}t{{end}}`, `{{not (and 1 0)}}`, `{{and .params.tags .params.nested.a.b.c}}`, `{{or (and 0 1) (and 1 "x")}}`, `{{not nil}}`, `{{and nil 1 | not}}`, `{{or nil 3}}`,
	}},
	{"comparison", "main", []string{
		`{{eq 1 1}}`, `{{eq 1 2}}`, `{{eq 1 2 3 1}}`, `{{eq "a" "a"}}`, `{{eq "a" "b" "a"}}`, `{{eq true true}}`, `{{eq true false}}`, `{{eq 1.5 1.5}}`, `{{eq .params.number 7.0}}`, `{{eq .params.title "Login fails"}}`, `{{eq .params.yes true}}`, `{{eq nil nil}}`, `{{eq .params.nothing nil}}`, `{{eq .params.title nil}}`, `{{ne 1 2}}`, `{{ne 1 1}}`, `{{ne "a" "b"}}`,
		`{{lt 1 2}}`, `{{lt 2 1}}`, `{{lt "a" "b"}}`, `{{lt "é" "z"}}`, `{{lt "Z" "a"}}`, `{{lt .params.ratio 0.5}}`, `{{le 1 1}}`, `{{le 2 1}}`, `{{gt 2 1}}`, `{{gt .params.number 6.5}}`, `{{ge 1 1}}`, `{{ge 1 2}}`, `{{ge "b" "a"}}`, `{{lt 1.5 2.5}}`, `{{lt -1 1}}`, `{{lt "" "a"}}`, `{{lt "a" "aa"}}`, `{{lt "😀" "\uffee"}}`,
		`{{eq 1 "1"}}`, `{{eq true 1}}`, `{{eq "a" 1}}`, `{{eq .params.tags .params.tags}}`, `{{eq .params.tags nil}}`, `{{eq .params.nobody nil}}`, `{{eq .params.tags 1}}`, `{{eq .params.nested .params.tags}}`, `{{lt 1 "a"}}`, `{{lt true false}}`, `{{lt nil 1}}`, `{{lt .params.tags 1}}`, `{{gt .params.nothing 1}}`, `{{eq}}`, `{{eq 1}}`, `{{ne 1}}`, `{{ne 1 2 3}}`, `{{lt 1}}`, `{{lt 1 2 3}}`,
		`{{eq 'a' 97}}`, `{{eq (index "abc" 0) 97}}`, `{{lt (len .users) 4}}`, `{{eq (len .users) 3}}`, `{{1 | eq 1}}`, `{{3 | lt 2}}`, `{{"a" | eq "b" "c"}}`, `{{eq .users nil}}`, `{{if eq .steps.ask.output.action "accept"}}yes{{end}}`,
	}},
	{"len index slice", "main", []string{
		`{{len "abc"}}`, `{{len "é世😀"}}`, `{{len .params.tags}}`, `{{len .params.nobody}}`, `{{len .mixed}}`, `{{len 3}}`, `{{len nil}}`, `{{len .params.nothing}}`, `{{len true}}`, `{{len}}`, `{{len 1 2}}`, `{{len ""}}`,
		`{{index .params.tags 0}}`, `{{index .params.tags 2}}`, `{{index .params.tags 3}}`, `{{index .params.tags 4}}`, `{{index .params.tags -1}}`, `{{index .params "title"}}`, `{{index .params.nested "a" "b" "c"}}`, `{{index .matrix 1 2}}`, `{{index .users 1 "name"}}`, `{{index .steps "my-step" "output" "x y"}}`, `{{(index .steps "my-step").output.n}}`, `{{index .params.tags "a"}}`, `{{index .params 1}}`, `{{index "abc" 1}}`, `{{index "é" 0}}`, `{{index "abc" 3}}`, `{{index nil 1}}`, `{{index 3 1}}`, `{{index .params.tags}}`, `{{index}}`, `{{index .params.tags nil}}`, `{{index .params.tags 1.5}}`, `{{index .params.tags true}}`, `{{0 | index .params.tags}}`, `{{index .params.title 0 0}}`, `{{index .numbers 6}}`,
		`{{slice "abcdef" 1 3}}`, `{{slice "abcdef" 2}}`, `{{slice "abcdef"}}`, `{{slice "abcdef" 6}}`, `{{slice "abcdef" 7}}`, `{{slice "abcdef" 3 2}}`, `{{slice "abcdef" 1 2 3}}`, `{{slice .params.tags 1}}`, `{{slice .params.tags 0 2}}`, `{{slice .params.tags 1 1}}`, `{{slice .params.tags 0 1 2}}`, `{{slice .params.tags 1 9}}`, `{{slice 3 1}}`, `{{slice nil 1}}`, `{{slice .params.nested 1}}`, `{{slice .params.tags 0 1 2 3}}`, `{{slice "héllo" 0 3}}`, `{{slice .params.tags "a"}}`, `{{slice .params.unicode 7 13}}`, `{{slice}}`,
	}},
	{"print", "main", []string{
		`{{print}}`, `{{print 1}}`, `{{print 1 2}}`, `{{print "a" "b"}}`, `{{print 1 "a"}}`, `{{print "a" 1 2 "b"}}`, `{{print 1 2 3}}`, `{{print nil}}`, `{{print nil nil}}`, `{{print true false}}`, `{{print .params.tags .params.tags}}`, `{{print .params.number 1.5}}`, `{{print 1.0}}`, `{{print 1e6}}`, `{{print 1e20 1e21 1e-5}}`, `{{print 'a'}}`, `{{print .params.nothing}}`, `{{print .mixed}}`, `{{print 100000 1000000}}`, `{{print 100000.0 1000000.0}}`,
		`{{println}}`, `{{println 1}}`, `{{println "a" "b"}}`, `{{println 1 nil "x"}}`, `{{print "" 1 "" 2}}`, `{{print (index "a" 0) 1}}`, `{{print -0.0}}`, `{{print 0.000001 0.0000001}}`, `{{print .numbers}}`,
	}},
	{"printf", "main", []string{
		`{{printf "%d" 42}}`, `{{printf "%5d|%-5d|%05d|%+d|% d" 42 42 42 42 42}}`, `{{printf "%x %X %o %b %c %U %q" 255 255 8 5 65 65 65}}`, `{{printf "%#x %#X %#o %#b %O" 255 255 8 5 8}}`, `{{printf "%d %x %+d" -42 -255 -1}}`, `{{printf "%.3d|%8.3d|%-8.3d|%08.3d" 5 5 5 5}}`, `{{printf "%.0d|%5.0d" 0 0}}`, `{{printf "%#U %#U" 0x1F600 7}}`, `{{printf "%c%c" 0x4E16 -1}}`, `{{printf "%q %q %+q" 0x4E16 10 0x4E16}}`, `{{printf "%08b|%-8b|" 5 5}}`, `{{printf "% x|%#o" 255 0}}`,
		`{{printf "%s" "x"}}`, `{{printf "%5s|%-5s|%05s|%.2s|%5.1s" "abc" "abc" "abc" "abc" "abc"}}`, `{{printf "%q %+q %#q" "a\"é\n" "é" "raw"}}`, "{{printf \"%#q\" \"a`b\"}}", `{{printf "%x %X % x %#x %# x" "hié" "hié" "hié" "hié" "hié"}}`, `{{printf "%.2x|%8x|%-8x|" "abc" "a" "a"}}`, `{{printf "%v %v" "a" 1}}`, `{{printf "%#v %#v %#v %#v" "a" 1 1.5 true}}`, `{{printf "%5v|%-5v|" "é" "é"}}`, `{{printf "%.1q" "éab"}}`, `{{printf "%q" .params.control}}`, `{{printf "%6q" "a"}}`,
		`{{printf "%f %.2f %8.3f %-8.1f| %08.2f %+.1f" 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159}}`, `{{printf "%e %E %.2e %.0e" 123456.789 0.00012 123456.789 15.0}}`, `{{printf "%g %G %.3g %.10g %g" 123456789.0 1e-10 123456.789 123456.789 100000.0}}`, `{{printf "%v %v %v" 1.0 1e6 1e-5}}`, `{{printf "%.0f %.0f %.0f %.0f %.0f" 0.5 1.5 2.5 0.4 0.6}}`, `{{printf "%.2f %.2f %.1f" 1.005 2.675 0.25}}`, `{{printf "%.20f" 0.1}}`, `{{printf "%.3f" 1e21}}`, `{{printf "%#g %#.3g %#e %#.0f" 1.0 1.0 1.0 1.0}}`, `{{printf "% f|% .1f|%+g" 1.5 -1.5 1.5}}`, `{{printf "%6.2f|%-8.2f|%+08.2f" .params.pi .params.pi .params.negative}}`, `{{printf "%.1f" .params.ratio}}`, `{{printf "%.3f" .params.number}}`, `{{printf "%F" 1.5}}`, `{{printf "%.30g" 0.1}}`, `{{printf "%.1e %.1e" 0.0 9.96}}`, `{{printf "%.1g %.2g" 0.0 99.6}}`, `{{printf "%010.3f|%-010.3f|" -1.5 1.5}}`, `{{printf "%.17g" 5e-324}}`,
		`{{printf "%t %v %5t" true false true}}`, `{{printf "%v %+v %T" .params.tags .params.tags .params.tags}}`, `{{printf "%v" .mixed}}`, `{{printf "%T %T %T %T %T" 1 1.5 "a" true .mixed}}`, `{{printf "%#v" .params.tags}}`, `{{printf "%#v" .params.nested}}`, `{{printf "%#v" .mixed}}`, `{{printf "%s %q" .params.tags .params.tags}}`, `{{printf "%5s" .params.tags}}`, `{{printf "%x" .params.tags}}`, `{{printf "%05d" .params.tags}}`, `{{printf "%q" .params.nested}}`, `{{printf "%6.2f" .matrix}}`, `{{printf "%v %d %s" nil nil nil}}`, `{{printf "%T|%5T|%5v" nil 1 nil}}`,
		`{{printf "%d" "a"}}`, `{{printf "%s" 1}}`, `{{printf "%s" true}}`, `{{printf "%t" 1}}`, `{{printf "%z" 1}}`, `{{printf "%!" 1}}`, `{{printf "%d"}}`, `{{printf "%d %d" 1}}`, `{{printf "x" 1}}`, `{{printf "x" 1 "a" nil 1.5}}`, `{{printf "%"}}`, `{{printf "100%%"}}`, `{{printf "%5%|"}}`, `{{printf "%-"}}`, `{{printf "%s" .params.number}}`, `{{printf "%5d" "ab"}}`, `{{printf "%é" 1}}`, `{{printf "%w" "a"}}`, `{{printf "%t" "a"}}`, `{{printf "%c" "a"}}`,
		`{{printf "%*d|%-*d|" 5 42 5 42}}`, `{{printf "%*d" -5 42}}`, `{{printf "%.*f" 2 3.14159}}`, `{{printf "%*.*f" 8 2 3.14159}}`, `{{printf "%*d" "a" 1}}`, `{{printf "%.*f" "a" 1.5}}`, `{{printf "%.*f" -1 1.5}}`, `{{printf "%[2]d %[1]d" 1 2}}`, `{{printf "%[3]*.[2]*[1]f" 12.0 2 6}}`, `{{printf "%[5]d" 1}}`, `{{printf "%[x]d" 1}}`, `{{printf "%[1]d %d %[1]q" 65 66}}`, `{{printf "%[1]2d" 1}}`, `{{printf "%[]d" 1}}`, `{{printf "%[1" 1}}`, `{{printf "%[1]" 1}}`, `{{printf "%.[1]*d" 3 5}}`, `{{printf "%-+5d|" 3}}`, `{{printf "%.d" 0}}`, `{{printf "%.f" 2.5}}`, `{{printf "%5.v|" "abc"}}`, `{{printf "%100000000000d" 1}}`, `{{printf "%.100000000000d" 1}}`,
		`{{printf}}`, `{{printf 1}}`, `{{printf nil}}`, `{{printf "%v" "a" | print "b"}}`, `{{printf "%s has %d tags" .params.title (len .params.tags)}}`, `{{printf "%v" (index "abc" 0)}}`, `{{printf "%s\n%s" "é" "世"}}`, `{{printf "%3c|%-3c|%03c" 65 65 65}}`,
	}},
	{"escape", "main", []string{
		`{{html .params.html}}`, `{{.params.html | html}}`, `{{html "a" "<b>" 1 2}}`, `{{html 1}}`, `{{html}}`, `{{html "\x00"}}`, `{{html .params.tags}}`, `{{js .params.html}}`, `{{js .params.lines}}`, `{{js .params.unicode}}`, `{{js .params.control}}`, `{{js "a=b"}}`, `{{js 1 "x"}}`, `{{js}}`, `{{urlquery .params.query}}`, `{{urlquery .params.unicode}}`, `{{urlquery "a" "b c" 1}}`, `{{urlquery "%"}}`, `{{urlquery}}`, `{{urlquery .params.lines}}`, `{{.params.title | html | js | urlquery}}`, `{{html true 1.5 "x"}}`, `{{js "\U000E0001\u00a0"}}`,
	}},
	{"json", "main", []string{
		`{{json .params.title}}`, `{{json .params.number}}`, `{{json .params.big}}`, `{{json .params.tags}}`, `{{json .mixed}}`, `{{json .params.nothing}}`, `{{json nil}}`, `{{json .params.yes}}`, `{{json .params.html}}`, `{{json .params.unicode}}`, `{{json .params.control}}`, `{{json .params.lines}}`, `{{json .numbers}}`, `{{json .users}}`, `{{json 1}}`, `{{json "a"}}`, `{{json (len "abc")}}`, `{{.params.nested | json}}`, `{{json .params.none}}{{json .params.nobody}}`, `{{json -0.0}}`, `{{json "\b\f\u2029"}}`, `{{json}}`, `{{json 1 2}}`, `{{json 9007199254740993}}`,
		`{{quote "a"}}`, `{{quote .params.lines}}`, `{{quote .params.unicode}}`, `{{quote .params.control}}`, `{{quote ""}}`, `{{.params.html | quote}}`, `{{quote}}`, `{{quote 5}}`,
		`{{fromJson "1"}}`, `{{fromJson "[1,\"a\",null]"}}`, `{{(fromJson .params.json).k}}`, `{{index (fromJson .params.json).k 1}}`, `{{fromJson "{"}}`, `{{fromJson ""}}`, `{{fromJson 1}}`, `{{fromJson}}`, `{{json (fromJson .params.json)}}`, `{{.params.json | fromJson | json | quote}}`, `{{range (fromJson .params.json).k}}{{.}};{{end}}`, `{{fromJson "true"}}`, `{{fromJson "\"s\""}}`, `{{json (fromJson "{\"b\":1,\"a\":2}")}}`,
		`{{default "n/a" .params.missing}}`, `{{default "n/a" .params.title}}`, `{{default "n/a" .params.empty}}`, `{{default "n/a" .params.nothing}}`, `{{default "n/a" .params.zero}}`, `{{default "n/a" .params.no}}`, `{{.params.missing | default "n/a"}}`, `{{.params.title | default "n/a"}}`, `{{default 3 .params.missing}}`, `{{default .params.title .params.missing}}`, `{{default "x"}}`, `{{default 1 2 3}}`, `{{default (default "c" .params.m1) .params.m2}}`, `{{.params.m1 | default .params.title | len}}`, `{{default "n/a" .params.none}}`,
	}},
	{"call", "main", []string{`{{call}}`, `{{call 1}}`, `{{call nil}}`, `{{call .params.title 1}}`, `{{.params.title | call}}`}},
	{"workflows", "main", []string{
		`Issue {{.params.title}} for {{.steps.create.output.id}}`, `{{if gt .params.ratio 0.2}}high{{else}}low{{end}}`, `{{if and (eq .steps.create.status "completed") (ne .steps.ask.output.action "decline")}}go{{end}}`, `{{range $i, $l := .steps.create.output.labels}}{{if $i}}, {{end}}{{$l.name}} ({{printf "%.0f%%" $l.score}}){{end}}`,
		`{"title": {{json .params.title}}, "labels": {{json .params.tags}}, "id": {{.steps.create.output.id}}}`, "## {{.params.title}}\n{{range .users -}}\n- {{.name}}{{if .admin}} *{{end}}\n{{end -}}\nend", `{{with .steps.create.output}}{{.url}}?id={{.id}}&q={{urlquery $.params.title}}{{end}}`, `{{$admins := 0}}{{range .users}}{{if .admin}}{{$admins = .name}}{{end}}{{end}}last admin: {{$admins}}`,
		`{{define "user"}}{{.name}}/{{.age}}{{end}}{{range .users}}{{template "user" .}} {{end}}`, `{{if or (lt (len .params.tags) 2) .params.yes}}ok{{end}}`, `{{printf "%-10s|%6.2f" .params.title .params.ratio}}`, `{{index (index .steps.create.output.labels 0) "name"}}`, `{{(index .steps.create.output.labels 1).score}}`, `{{slice .params.title 0 5}}…`, `{{not (eq .steps.ask.output.content.reason "fine")}}`,
		`{{if .params.tags}}{{index .params.tags 0}}{{else}}none{{end}}`, `{{len .steps.create.output.labels}} labels`, `{{.steps.create.output.labels}}`, `{{eq (printf "%.0f" .params.number) "7"}}`,
	}},
}
