package main

type difference struct{ template, output, reason string }

const (
	numbersCompare = "numbers compare by value: Go refuses an int of the template beside a float64 of the data"
	numbersCount   = "a whole number of the data is a position or a count: Go refuses its float64"
	numbersPrint   = "the verbs of integers print whole numbers of the data and those of floats print ints; Go prints a complaint"
	missing        = "a missing reference is an error that names the path; Go prints <no value>"
	missingTested  = "in a condition and for default a path that breaks off early is missing too; Go fails"
	missingIndex   = "an index that is not there is a missing reference: an error, or tested, or defaulted"
	null           = "null prints as <nil> everywhere; Go prints <no value> for a null on its own"
	infix          = "the infix operators of older templates, with strings in single quotes"
	checkedEarly   = "found when the template is read, even where a run would not come by"
	capacity       = "a list ends where it ends: Go lets slice reach into spare capacity"
	hexFloats      = "hexadecimal and binary floats are not printed"
	complexNumbers = "complex numbers do not exist"
)

var differences = []difference{
	{`{{gt .params.number 6}}`, "true", numbersCompare},
	{`{{if lt .params.number 10}}small{{end}}`, "small", numbersCompare},
	{`{{eq .params.number 7}}`, "true", numbersCompare},
	{`{{eq 1 1.0}}`, "true", numbersCompare},
	{`{{ne 1 1.5}}`, "true", numbersCompare},
	{`{{le 1 .params.ratio}}`, "false", numbersCompare},
	{`{{ge .params.number 7}}`, "true", numbersCompare},
	{`{{eq (len .params.tags) 3.0}}`, "true", numbersCompare},
	{`{{eq .params.number 1 2 7}}`, "true", numbersCompare},
	{`{{lt 9007199254740993 9007199254740992.0}}`, "false", numbersCompare},
	{`{{index .params.tags .params.zero}}`, "bug", numbersCount},
	{`{{slice .params.title .params.zero .params.number}}`, "Login f", numbersCount},
	{`{{range .params.number}}x{{end}}`, "xxxxxxx", numbersCount},
	{`{{range $i := .params.number}}{{$i}}{{end}}`, "0123456", numbersCount},
	{`{{printf "%*d" .params.number 1}}`, "      1", numbersCount},
	{`{{printf "%d" .params.number}}`, "7", numbersPrint},
	{`{{printf "%05d" .params.number}}`, "00007", numbersPrint},
	{`{{printf "%d" .params.big}}`, "1234567", numbersPrint},
	{`{{printf "%x" .steps.create.output.id}}`, "2a", numbersPrint},
	{`{{printf "%c" .steps.create.output.id}}`, "*", numbersPrint},
	{`{{printf "%.1f" 3}}`, "3.0", numbersPrint},
	{`{{printf "%d" .matrix}}`, "[[1 2] [3 4 5] []]", numbersPrint},
	{`{{.params.missing}}`, "error: missing", missing},
	{`{{.nope}}`, "error: missing", missing},
	{`a {{.params.missing}} b`, "error: missing", missing},
	{`{{print .params.missing}}`, "error: missing", missing},
	{`{{json .params.missing}}`, "error: missing", missing},
	{`{{eq .params.missing "x"}}`, "error: missing", missing},
	{`{{range .params.missing}}x{{end}}`, "error: missing", missing},
	{`{{$x := .params.missing}}{{$x}}`, "error: missing", missing},
	{`{{and .params.missing 1}}`, "error: missing", missing},
	{`{{printf "%v" .params.missing}}`, "error: missing", missing},
	{`{{.params.missing | html}}`, "error: missing", missing},
	{`{{.constructor}}`, "error: missing", missing},
	{`{{.params.__proto__}}`, "error: missing", missing},
	{`{{.params.toString}}`, "error: missing", missing},
	{`{{.params.missing | quote}}`, "error: missing", missing},
	{`{{template "t" .params.missing}}{{define "t"}}{{.}}{{end}}`, "error: missing", missing},
	{`{{if .params.title.x}}t{{else}}f{{end}}`, "f", missingTested},
	{`{{with .params.nothing.x}}t{{else}}f{{end}}`, "f", missingTested},
	{`{{not .params.nothing.x.y}}`, "true", missingTested},
	{`{{default "n/a" .params.nothing.x}}`, "n/a", missingTested},
	{`{{.params.title.x | default "n/a"}}`, "n/a", missingTested},
	{`{{index .params "missing"}}`, "error: missing", missingIndex},
	{`{{default "n/a" (index .params.tags 9)}}`, "n/a", missingIndex},
	{`{{if index .params.tags 9}}t{{else}}f{{end}}`, "f", missingIndex},
	{`{{default "n/a" (index .params "missing" "more")}}`, "n/a", missingIndex},
	{`{{.params.nothing}}`, "<nil>", null},
	{`a{{.params.nothing}}b`, "a<nil>b", null},
	{`{{range .params.none}}{{else}}{{.params.nothing}}{{end}}`, "<nil>", null},
	{`{{html .params.nothing}}`, "&lt;nil&gt;", null},
	{`{{html nil "a"}}`, "&lt;nil&gt;a", null},
	{`{{urlquery nil}}`, "%3Cnil%3E", null},
	{`{{range .mixed}}{{.}};{{end}}`, "2;3;5;6;x;1;<nil>;[true 1.5 s];4;", null},
	{`{{.steps.ask.action == 'accept'}}`, "true", infix},
	{`{{if .steps.ask.action == 'accept'}}yes{{else}}no{{end}}`, "yes", infix},
	{`{{if .steps.ask.action == 'x' || .params.number > 3}}yes{{end}}`, "yes", infix},
	{`{{.params.number >= 7 && .params.number <= 7}}`, "true", infix},
	{`{{.params.title != "Login fails"}}`, "false", infix},
	{`{{.params.number < 3}}`, "false", infix},
	{`{{len .params.tags > 2}}`, "true", infix},
	{`{{(.params.number == 7) && (.params.zero == 0)}}`, "true", infix},
	{`{{.params.number==7}}`, "true", infix},
	{`{{'x' == "x"}}`, "true", infix},
	{`{{eq .steps.ask.action 'accept'}}`, "true", infix},
	{`{{if .params.missing == 'x'}}t{{else}}f{{end}}`, "f", infix},
	{`{{.params.number == 7 | json}}`, "true", infix},
	{`{{if false}}{{template "none"}}{{end}}`, "error: syntax", checkedEarly},
	{`{{if false}}{{len 1 2}}{{end}}`, "error: syntax", checkedEarly},
	{`{{if false}}{{.params.title 1}}{{end}}`, "error: syntax", checkedEarly},
	{`{{if false}}{{nil}}{{end}}`, "error: syntax", checkedEarly},
	{`{{slice .params.tags 0 4}}`, "error: value", capacity},
	{`{{printf "%x" .params.ratio}}`, "%!x(float64=0.25)", hexFloats},
	{`{{printf "%b" .params.ratio}}`, "%!b(float64=0.25)", hexFloats},
	{`{{1i}}`, "error: syntax", complexNumbers},
	{`{{printf "%T" (index "a" 0)}}`, "int", "a byte of a string is a number like any other"},
	{`{{printf "%.1f" (len "abc")}}`, "3.0", numbersPrint},
}
