module heddle.dev/standin

go 1.25
