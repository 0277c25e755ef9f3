package testenv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// nobody is the user, and the group, that Gitea runs as where this process is root.
const nobody = 65534

// giteaFolders are read by a Gitea that was built from its module, and lie beside it. A Gitea of a release holds them.
var giteaFolders = []string{"options", "templates", "public"}

// install makes a home for Gitea. For root it also takes the program to where the user that Gitea runs as can reach it,
// which root's cache is not, and gives that user the folder.
func (g *Gitea) install() (err error) {
	if g.program, err = filepath.EvalSymlinks(g.program); err != nil {
		return fmt.Errorf("install Gitea: %w", err)
	}
	if err := errors.Join(os.Mkdir(g.inside("home"), 0o700), os.WriteFile(g.inside("app.ini"), nil, 0o600)); err != nil {
		return fmt.Errorf("install Gitea: %w", err)
	}
	if !isRoot() {
		return nil
	}
	to := g.inside("program")
	if err := errors.Join(copyFolders(filepath.Dir(g.program), to), giveAway(g.dir)); err != nil {
		return fmt.Errorf("install Gitea for a user that is not root: %w", err)
	}
	// Last, because it may be the very file in the cache, which stays root's.
	program := filepath.Join(to, "gitea")
	if err := linkOrCopy(g.program, program); err != nil {
		return fmt.Errorf("install Gitea for a user that is not root: %w", err)
	}
	g.program = program
	return nil
}

// launch starts the program where its address is free: that is any, as long as it has answered on none.
func (g *Gitea) launch(ctx context.Context) (taken, fatal error) {
	if !g.settled {
		g.address = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", g.address)
	if err != nil {
		return fmt.Errorf("find Gitea's port free: %w", err), nil
	}
	g.address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("find Gitea's port free: %w", err)
	}
	if !g.settled {
		if err := g.settings.write(g.dir, g.program, g.address); err != nil {
			return nil, err
		}
	}
	g.process, err = g.startWeb(ctx)
	return nil, err
}

// startWeb starts the server.
func (g *Gitea) startWeb(ctx context.Context) (*process, error) {
	p := &process{command: g.command(context.WithoutCancel(ctx), "web"), ended: make(chan struct{})}
	p.command.Stdout = &p.output
	p.command.Stderr = &p.output
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", g.program, err)
	}
	go func() {
		// How it ended is in its ProcessState too.
		_ = p.command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// command is a run of the program on the data of this Gitea.
func (g *Gitea) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, g.program, append(args, "--config", g.inside("app.ini"))...)
	command.Dir = g.dir
	// Nothing else of the environment: Gitea takes settings from there.
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + g.inside("home"), "TMPDIR=" + g.dir, "USER=gitea",
	}
	if isRoot() {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return command
}

// inside is a path in the folder of this Gitea.
func (g *Gitea) inside(name string) string { return filepath.Join(g.dir, name) }

func isRoot() bool { return os.Geteuid() == 0 }

func copyFolders(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, folder := range giteaFolders {
		if source := filepath.Join(from, folder); exists(source) {
			if err := os.CopyFS(filepath.Join(to, folder), os.DirFS(source)); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveAway makes nobody the owner of a folder and of what is in it.
func giveAway(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	})
}

// linkOrCopy copies a program where a link cannot be, as on another file system.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}
