// Renders every template of cases.go with Go's text/template and writes corpus.json beside it.
//
//	go run generate.go cases.go differences.go
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"text/template"
)

// Case is one template and what came of it. A deliberate difference has a reason, and in Vmcp what we do instead.
type Case struct {
	Group    string   `json:"group"`
	Template string   `json:"template"`
	Data     string   `json:"data"`
	Go       Outcome  `json:"go"`
	Vmcp     *Outcome `json:"vmcp,omitempty"`
	Reason   string   `json:"reason,omitempty"`
}

// Outcome is an output, or an error: of Go its message, of vmcp the code of its TemplateError.
type Outcome struct {
	Output *string `json:"output,omitempty"`
	Error  string  `json:"error,omitempty"`
}

type corpus struct {
	Version string         `json:"version"`
	Data    map[string]any `json:"data"`
	Cases   []Case         `json:"cases"`
}

var functions = template.FuncMap{
	"json": func(v any) (string, error) {
		text, err := json.Marshal(v)
		return string(text), err
	},
	"quote": func(v any) string { return strconv.Quote(fmt.Sprint(v)) },
	"fromJson": func(text string) (any, error) {
		var v any
		err := json.Unmarshal([]byte(text), &v)
		return v, err
	},
	"default": func(otherwise any, v any) any {
		if v == nil || reflect.ValueOf(v).Kind() == reflect.String && v == "" {
			return otherwise
		}
		return v
	},
}

func render(text string, data any) Outcome {
	parsed, err := template.New("the whole").Funcs(functions).Parse(text)
	if err != nil {
		return Outcome{Error: err.Error()}
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return Outcome{Error: err.Error()}
	}
	output := out.String()
	return Outcome{Output: &output}
}

func main() {
	result := corpus{Version: runtime.Version(), Data: map[string]any{}}
	for name, text := range dataSets {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			panic(name + ": " + err.Error())
		}
		result.Data[name] = value
	}
	for _, g := range groups {
		for _, text := range g.templates {
			result.Cases = append(result.Cases, Case{Group: g.name, Template: text, Data: g.data, Go: render(text, result.Data[g.data])})
		}
	}
	for _, d := range differences {
		ours := Outcome{Output: &d.output}
		if code, isError := strings.CutPrefix(d.output, "error: "); isError {
			ours = Outcome{Error: code}
		}
		result.Cases = append(result.Cases, Case{
			Group: "differences", Template: d.template, Data: "main",
			Go: render(d.template, result.Data["main"]), Vmcp: &ours, Reason: d.reason,
		})
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(result); err != nil {
		panic(err)
	}
	if err := os.WriteFile("corpus.json", text.Bytes(), 0o644); err != nil {
		panic(err)
	}
}
